/**
 * Text that came from outside, on its way into the database and onto a screen. Names of files are data: a path in
 * one is kept as it is and never used as a path.
 */

/** Documented limit of an original file name, in characters (CyberTipline Reporting API documentation, 2025-06-11). */
export const mostNameCharacters = 2056;

/**
 * The text as PostgreSQL can hold it: NUL, which its text cannot hold, becomes the visible sign U+2400, and a lone
 * half of a surrogate pair becomes U+FFFD. Everything else stays, control characters and direction marks included.
 */
export function keptText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\u2400');
}

/** A file name as it is kept: `keptText`, and what is beyond the limit is cut off with a sign for it. */
export function keptName(name: string): string {
  const kept = Array.from(keptText(name));
  if (kept.length <= mostNameCharacters) return kept.join('');
  return `${kept.slice(0, mostNameCharacters - 1).join('')}\u2026`;
}

/**
 * The text as it may be shown: every control character and every mark that changes the direction of writing is
 * replaced by a visible sign, so that a name cannot look like another one. Newlines and tabs go too.
 */
export function shownText(text: string): string {
  return keptText(text)
    .replaceAll(/[\u0001-\u001f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replaceAll('\u007f', '\u2421')
    .replaceAll(/[\u0080-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '\ufffd');
}
