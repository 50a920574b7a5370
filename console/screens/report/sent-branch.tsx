import { useState } from 'react';
import { labelOf } from '#contract/vocabulary-labels';
import { Button } from '../../ui/button.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { counted } from '../../ui/words.ts';
import { type Place, placeWords } from './sent-places.ts';

/** How the tree is shown at the moment. */
export interface TreeView {
  readonly opened: ReadonlySet<Place>;
  /** When searching: the hits and what is above them. */
  readonly only: ReadonlySet<Place> | undefined;
  readonly marked: Place | undefined;
  readonly toggle: (place: Place) => void;
}

const portion = 100;

export function SentBranch({ place, view }: { readonly place: Place; readonly view: TreeView }) {
  const [shown, setShown] = useState(portion);
  const isOpen = view.opened.has(place);
  const children =
    view.only === undefined ? place.children : place.children.filter((child) => view.only?.has(child));
  const left = children.length - shown;
  return (
    <li>
      <SentRow place={place} view={view} isOpen={isOpen} />
      {isOpen && children.length > 0 ? (
        <ul>
          {children.slice(0, shown).map((child) => (
            <SentBranch key={child.path} place={child} view={view} />
          ))}
          {left > 0 ? (
            <li>
              <Button look="plain" onPress={() => setShown(shown + portion * 5)}>
                Show {counted(Math.min(left, portion * 5), 'more', 'more')} of{' '}
                {counted(children.length, 'entry', 'entries')}
              </Button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </li>
  );
}

interface RowProps {
  readonly place: Place;
  readonly view: TreeView;
  readonly isOpen: boolean;
}

function SentRow({ place, view, isOpen }: RowProps) {
  const { node } = place;
  const words = placeWords(place);
  const isMarked = view.marked === place;
  return (
    <div className="sent-row" data-marked={isMarked || undefined} tabIndex={isMarked ? -1 : undefined}>
      <span className="sent-line">
        {node.line === undefined ? null : (
          <>
            <span className="visually-hidden">Line </span>
            {node.line}
          </>
        )}
      </span>
      {place.children.length > 0 ? (
        <button
          type="button"
          className="sent-toggle"
          aria-expanded={isOpen}
          onClick={() => view.toggle(place)}
        >
          <span className="sent-arrow" aria-hidden="true" />
          <span className="sent-words">{words}</span>
        </button>
      ) : (
        <span className="sent-words leaf">{words}</span>
      )}
      <code className="sent-name">
        <Raw text={node.name} isWhole />
      </code>
      {Object.entries(node.attributes ?? {}).map(([name, value]) => (
        <span key={name} className="sent-attribute">
          <span className="quiet">
            {labelOf(node.name, name)}
            {' = '}
          </span>
          <Raw text={value} />
        </span>
      ))}
      {node.value === undefined ? null : (
        <span className="sent-value">
          <Raw text={node.value} />
        </span>
      )}
      {!isOpen && place.children.length > 0 ? (
        <span className="quiet small">{counted(place.children.length, 'entry', 'entries')}</span>
      ) : null}
    </div>
  );
}
