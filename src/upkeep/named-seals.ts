import type pg from 'pg';
import type { NamedSeal } from './copy-evidence.ts';

const page = 2000;

/** Every seal with bytes, by rising SHA-256, a page at a time; in one snapshot where `client` is in one. */
export async function* namedSeals(client: pg.ClientBase | pg.Pool): AsyncGenerator<NamedSeal> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<NamedSeal>(
      `select sha256, store, location as place from vault.seal
       where sha256 > $1 and location is not null order by sha256 limit $2`,
      [after, page],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.sha256;
  }
}

export async function countNamedSeals(client: pg.ClientBase | pg.Pool): Promise<number> {
  const { rows } = await client.query<{ seals: string }>(
    'select count(*)::text as seals from vault.seal where location is not null',
  );
  return Number(rows[0]?.seals ?? 0);
}
