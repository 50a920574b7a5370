import type { Bureau, Query } from './bureau.ts';

export interface PageOfItems<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Largest page that is asked for at once. */
const mostAtOnce = 100;

/** Walks a list by its cursor until `limit` items are there or the list ends; `next` is kept where more follow. */
export async function walkPages<T>(
  bureau: Bureau,
  path: string,
  query: Query,
  limit: number,
): Promise<PageOfItems<T>> {
  const items: T[] = [];
  let cursor = query.cursor;
  for (;;) {
    const wanted = Math.min(mostAtOnce, limit - items.length);
    const page = await bureau.get<PageOfItems<T>>(path, { ...query, limit: wanted, cursor });
    items.push(...page.items);
    if (page.next === undefined) return { items };
    if (items.length >= limit || page.items.length === 0) return { items, next: page.next };
    cursor = page.next;
  }
}
