/** Words that several screens show for the contract's codes. */

const small = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en');

/** `1 file`, `2,003 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

/** Bytes in decimal units: `203 kB`, `1.4 GB`. */
export function sizeText(sizeBytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = sizeBytes;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return step === 0 ? counted(sizeBytes, 'byte') : `${small.format(value)} ${units[step]}`;
}

const initials: Readonly<Record<string, string>> = { ai: 'AI', csam: 'CSAM', id: 'id', ip: 'IP', url: 'URL' };

/** `personOrUserReported` or `needs-information` as words: `person or user reported`. */
export function plainWords(code: string): string {
  return code
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/[-_.]+/g, ' ')
    .split(' ')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : (initials[word.toLowerCase()] ?? word.toLowerCase())))
    .join(' ')
    .trim();
}

export function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
