import type { SentNode } from '#contract/desk';
import { labelOf } from '#contract/vocabulary-labels';
import { plainWords, sentenceCase } from '../../ui/words.ts';

/** One element or field of what was sent, with its place in the whole. */
export interface Place {
  readonly node: SentNode;
  /** As in `BriefIdentifier.path`, with an index where the name repeats among its siblings. */
  readonly path: string;
  readonly depth: number;
  readonly parent: Place | undefined;
  readonly children: Place[];
}

/** Every place in document order; the first is the root. Walks without recursion, because documents may be deep. */
export function placesOf(root: SentNode): Place[] {
  const top: Place = { node: root, path: root.name, depth: 0, parent: undefined, children: [] };
  const places: Place[] = [];
  const waiting: Place[] = [top];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    places.push(place);
    place.children.push(...childPlaces(place));
    for (const child of place.children.toReversed()) waiting.push(child);
  }
  return places;
}

function childPlaces(parent: Place): Place[] {
  const nodes = parent.node.children ?? [];
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const index = (seen.get(node.name) ?? 0) + 1;
    seen.set(node.name, index);
    const path = `${parent.path}/${node.name}${index === 1 ? '' : `[${index}]`}`;
    return { node, path, depth: parent.depth + 1, parent, children: [] };
  });
}

/** The place that a path means; by line when the path does not lead there; else the closest place above it. */
export function findPlace(
  places: readonly Place[],
  path: string,
  line: number | undefined,
): Place | undefined {
  let wanted = samePlace(path);
  const exact = places.find((place) => place.path === wanted);
  if (exact !== undefined) return exact;
  const byLine = line === undefined ? undefined : places.findLast((place) => place.node.line === line);
  if (byLine !== undefined) return byLine;
  while (wanted.includes('/')) {
    wanted = wanted.slice(0, wanted.lastIndexOf('/'));
    const above = places.find((place) => place.path === wanted);
    if (above !== undefined) return above;
  }
  return places[0];
}

/** What the element means, in words; an unknown name is spaced. */
export function placeWords(place: Place): string {
  const { name } = place.node;
  const label = labelOf(place.parent?.node.name ?? '', name);
  return label === name ? sentenceCase(plainWords(name)) : label;
}

/** Places whose name, words, value or attributes hold the text; `undefined` when nothing is searched for. */
export function matchingPlaces(places: readonly Place[], query: string): Place[] | undefined {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return undefined;
  return places.filter((place) =>
    [
      place.node.name,
      placeWords(place),
      place.node.value,
      ...Object.values(place.node.attributes ?? {}),
    ].some((text) => text?.toLowerCase().includes(wanted) === true),
  );
}

/** The set with the place taken out if it was in, else put in. */
export function toggled(before: ReadonlySet<Place>, place: Place): ReadonlySet<Place> {
  const after = new Set(before);
  if (!after.delete(place)) after.add(place);
  return after;
}

/**
 * One spelling for a place: `report/victim[1]/person` is `report/victim/person`, and so is `victim[0].person`, as the
 * JSON API writes it, which leaves the root out and counts from 0.
 */
function samePlace(path: string): string {
  const slashed = isDotted(path)
    ? `report/${path.replaceAll('.', '/').replace(/\[(\d+)\]/g, (_, index) => `[${Number(index) + 1}]`)}`
    : path;
  return slashed.replaceAll('[1]', '').replace(/^\/+/, '');
}

/** What names a place best where there is little room: the element, or the field without what only wraps it. */
export function shortPlace(path: string): string {
  if (isDotted(path)) return path.replace(/^schedule1\./, '').replace(/\.value(?=[.[]|$)/g, '');
  return samePlace(path).split('/').at(-1) ?? path;
}

function isDotted(path: string): boolean {
  return !path.includes('/') && path !== 'report';
}
