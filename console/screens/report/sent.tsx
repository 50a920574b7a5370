import { useEffect, useMemo, useRef, useState } from 'react';
import { Input, SearchField } from 'react-aria-components';
import type { Brief } from '#contract/desk';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { counted } from '../../ui/words.ts';
import { SentBranch, type TreeView } from './sent-branch.tsx';
import { findPlace, matchingPlaces, type Place, placesOf, toggled } from './sent-places.ts';
import type { Source } from './source.tsx';

/** Small documents open whole; larger ones down to their parts. */
const openWholeBelow = 120;
/** Hits beyond this are counted, not shown. */
const mostHits = 200;

/** The document as it was sent, in order, with its line numbers. */
export function SentSection({
  brief,
  source,
}: {
  readonly brief: Brief;
  readonly source: Source | undefined;
}) {
  const places = useMemo(() => placesOf(brief.sent), [brief.sent]);
  const [opened, setOpened] = useState(() => openAtFirst(places));
  const [query, setQuery] = useState('');
  const [marked, setMarked] = useState<{ readonly place: Place | undefined }>();
  const container = useRef<HTMLElement>(null);
  const hits = useMemo(() => matchingPlaces(places, query), [places, query]);

  useEffect(() => {
    if (source === undefined) return;
    const place = findPlace(places, source.path, source.line);
    setQuery('');
    setMarked({ place });
    setOpened((before) => new Set([...before, ...ancestors(place)]));
  }, [source, places]);

  // Runs once the mark stands on the page, and again when the same place is asked for again.
  useEffect(() => {
    if (marked === undefined) return;
    const target = container.current?.querySelector<HTMLElement>('[data-marked]') ?? container.current;
    target?.scrollIntoView({ block: 'center' });
    target?.focus();
  }, [marked]);

  const view: TreeView = {
    opened: hits === undefined ? opened : new Set(hits.slice(0, mostHits).flatMap(ancestors)),
    only:
      hits === undefined
        ? undefined
        : new Set(hits.slice(0, mostHits).flatMap((hit) => [hit, ...ancestors(hit)])),
    marked: marked?.place,
    toggle: (place) => setOpened((before) => toggled(before, place)),
  };
  const root = places[0];
  // A document written on one line has no use for a column of line numbers.
  const hasLines = useMemo(() => new Set(places.map((place) => place.node.line)).size > 3, [places]);
  return (
    <section id="sent" className="part" aria-labelledby="sent-title" ref={container} tabIndex={-1}>
      <div className="part-head">
        <h2 id="sent-title">Everything sent</h2>
        <p className="small quiet">
          The whole document, in order. SHA-256 <code>{brief.documentSha256.slice(0, 12)}…</code>
          <CopyButton text={brief.documentSha256} what="SHA-256 of the document" />
        </p>
      </div>
      <div className="sent-tools">
        <SearchField
          className="search"
          aria-label="Search in what was sent"
          value={query}
          onChange={setQuery}
        >
          <Input className="input" placeholder="Search names and values" />
        </SearchField>
        <Button onPress={() => setOpened(new Set(places.slice(0, 5000)))}>Open all</Button>
        <Button onPress={() => setOpened(new Set(places.slice(0, 1)))}>Close all</Button>
        <span className="small quiet" role="status">
          {hits === undefined ? counted(places.length, 'entry', 'entries') : counted(hits.length, 'hit')}
          {hits !== undefined && hits.length > mostHits ? `, the first ${mostHits} shown` : ''}
        </span>
      </div>
      {root === undefined || hits?.length === 0 ? (
        <p className="quiet">Nothing in the document has these words. Search for part of a name or value.</p>
      ) : (
        <ul className={hasLines ? 'sent' : 'sent no-lines'}>
          <SentBranch place={root} view={view} />
        </ul>
      )}
    </section>
  );
}

function openAtFirst(places: readonly Place[]): ReadonlySet<Place> {
  if (places.length <= openWholeBelow) return new Set(places);
  return new Set(places.filter((place) => place.depth < 2 && place.children.length <= 100));
}

function ancestors(place: Place | undefined): Place[] {
  const found: Place[] = [];
  for (let up = place?.parent; up !== undefined; up = up.parent) found.push(up);
  return found;
}
