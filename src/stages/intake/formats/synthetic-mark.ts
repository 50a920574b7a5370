/**
 * The watermark of invented data. A report carries it in reporter/companyTemplate, reporter/termsOfService or its
 * own additionalInfo; only a sandbox or a demonstration bureau takes such reports.
 */
export const syntheticMark = 'synthetic:true';

const markForm = /(?:^|[^\w:-])synthetic:true(?![\w:-])/i;

/** Whether a text carries the watermark as a word of its own. */
export function hasSyntheticMark(text: string): boolean {
  return markForm.test(text);
}
