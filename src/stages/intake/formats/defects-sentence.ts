import { type Defect, defectSentence } from '#base/defects';

/** A client's log line holds about this many; the rest is counted. */
const mostNamed = 10;

/** Up to ten defects as one line of text, and how many more there are. */
export function defectsSentence(defects: readonly Defect[]): string {
  const named = defects.slice(0, mostNamed).map(defectSentence);
  const left = defects.length - named.length;
  const more = left === 0 ? '' : ` | and ${left} more`;
  return `${named.join(' | ')}${more}`.replaceAll(/\s+/g, ' ');
}
