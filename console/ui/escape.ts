/**
 * Characters that change how text reads without being seen: C0 and C1 controls other than tab and line feed, soft
 * hyphen, zero-width and bidirectional formatting, interlinear and tag characters, byte order mark
 * (Unicode 17 general categories Cc and Cf, and the line and paragraph separators).
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
export interface Piece {
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
