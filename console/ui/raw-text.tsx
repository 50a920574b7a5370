import { useState } from 'react';
import { Button } from './button.tsx';

/**
 * Characters that change how text reads without being seen: C0 and C1 controls other than tab and line feed, soft
 * hyphen, zero-width and bidirectional formatting, interlinear and tag characters, byte order mark
 * (Unicode 17 general categories Cc and Cf, and the line and paragraph separators).
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** Longer texts are folded; in characters. */
const foldAt = 400;

interface Piece {
  readonly text: string;
  readonly isUnseen: boolean;
}

/** Splits text so that unseen characters stand alone. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(unseen)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), isUnseen: false });
    pieces.push({ text: match[0], isUnseen: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isUnseen: false });
  return pieces;
}

/** `U+202E` for a character. */
export function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The same text for places that cannot hold marks, such as titles and labels. */
export function escapedText(text: string): string {
  return text.replace(unseen, (character) => `[${codePointName(character)}]`);
}

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
