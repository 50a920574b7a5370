/**
 * What services send is shown on terminals, so nothing in it may steer one: control characters (C0, C1, DEL),
 * directional marks and overrides (Unicode UAX #9), zero-width and other format characters, line and paragraph
 * separators, private use and lone surrogates are shown as `\u{202E}`.
 */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** The text with everything invisible or steering spelled out. Always one line. */
export function plainText(text: string): string {
  return text.replace(steering, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16).toUpperCase().padStart(2, '0')}}`;
  });
}

/** One JSON document whose strings cannot steer a terminal either; parsing gives back the same value. */
export function jsonText(document: unknown): string {
  const text = JSON.stringify(document, null, 2) ?? 'null';
  return text.replace(steering, (character) => {
    if (character === '\n') return character;
    return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join('');
  });
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u{3000}-\u{303F}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}]/u;

/** Columns that a terminal gives to one grapheme: two for East Asian wide ones and emoji, else one. */
function columnsOf(grapheme: string): number {
  if (/^\p{M}+$/u.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

/** Columns that a terminal needs for the text. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOf(segment);
  return columns;
}

/** The text in at most `most` columns, its end replaced by an ellipsis where it was cut. */
export function cutText(text: string, most: number): string {
  if (textColumns(text) <= most) return text;
  let kept = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += columnsOf(segment);
    if (columns > most - 1) break;
    kept += segment;
  }
  return most < 1 ? '' : `${kept}…`;
}
