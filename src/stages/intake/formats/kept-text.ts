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
 * The text as it may be shown: every control character, every invisible mark and every mark that changes the
 * direction of writing is replaced by a visible sign, so that a name cannot look like another one. Newlines go too.
 */
export function shownText(text: string): string {
  return keptText(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, visibleSign);
}

/** Unicode has a picture for each control character of ASCII (U+2400 to U+2421); others become U+FFFD. */
function visibleSign(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
