import { useState } from 'react';
import { Button } from './button.tsx';
import { codePointName, piecesOf } from './escape.ts';

/** Longer texts are folded; in characters. */
const foldAt = 400;

interface RawProps {
  readonly text: string;
  readonly isCode?: boolean;
  /** Never folds; for short places that cut by themselves. */
  readonly isWhole?: boolean;
}

/** Text exactly as it was sent: isolated from its surroundings, unseen characters made visible, long text folded. */
export function Raw({ text, isCode, isWhole }: RawProps) {
  const [isOpen, setOpen] = useState(false);
  const isFolded = isWhole !== true && text.length > foldAt && !isOpen;
  const shown = isFolded ? text.slice(0, foldAt) : text;
  let offset = 0;
  return (
    <>
      <bdi className={isCode === true ? 'raw code' : 'raw'}>
        {piecesOf(shown).map((piece) => {
          const key = offset;
          offset += piece.text.length;
          return piece.isUnseen ? (
            <span key={key} className="escaped">
              {codePointName(piece.text)}
            </span>
          ) : (
            <span key={key}>{piece.text}</span>
          );
        })}
        {isFolded ? '…' : null}
      </bdi>
      {text.length > foldAt && isWhole !== true ? (
        <Button look="plain" onPress={() => setOpen(!isOpen)} isExpanded={isOpen}>
          {isOpen ? 'Show less' : `Show all ${text.length.toLocaleString('en')} characters`}
        </Button>
      ) : null}
    </>
  );
}
