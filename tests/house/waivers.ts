export interface Waiver {
  readonly path: string;
  /** Lines of the file now; it may only go down. */
  readonly lines?: number;
  /** Lines of its longest function now; it may only go down. */
  readonly longestFunction?: number;
}

/** Files that are longer than the budget allows. The list may only shrink, and so may the numbers in it. */
export const waivers: readonly Waiver[] = [];

/** Lower this with every waiver that goes. */
export const mostWaivers = 0;
