import { compareBundle, type ExtraEntry } from './compare-bundle.ts';
import { type Findings, nameOf, titleOf } from './findings.ts';

interface KeptEntry extends ExtraEntry {
  /** Where it stands, or which bundle it stands in. */
  readonly near: number;
}

/** More than so many are only counted: who rewrote everything need not be told every row. */
const mostKept = 5000;

/**
 * Entries and hashes that do not belong together, over all bundles: only at the end can be told whether a row that
 * is not at its place stands somewhere else.
 */
export class Misfits {
  readonly #extra: KeptEntry[] = [];
  /** Hash to the position at which it was sealed. */
  readonly #lost = new Map<string, number>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  compare(entries: readonly Buffer[], hashes: Buffer, first: number): void {
    const { extra, lost, moved } = compareBundle(entries, hashes, first);
    for (const one of extra) {
      if (this.#extra.length < mostKept) this.#extra.push({ ...one, near: one.position ?? first });
      else this.#findings.more += 1;
    }
    for (const { position, hash } of lost) if (this.#lost.size < mostKept) this.#lost.set(hash, position);
    for (const { position, sealedAt, row } of moved) this.#addMoved(row, position, sealedAt);
  }

  settle(): void {
    const stay: KeptEntry[] = [];
    for (const one of this.#extra) {
      const sealedAt = this.#lost.get(one.hash);
      if (sealedAt === undefined) stay.push(one);
      else this.#addMoved(one.row, one.near, sealedAt);
      this.#lost.delete(one.hash);
    }
    const free = new Set(this.#lost.values());
    for (const one of stay) this.#addExtra(one, one.position !== undefined && free.delete(one.position));
    for (const position of free)
      this.#findings.add('removed', `The entry at position ${position} was removed.`, { position });
  }

  #addMoved(row: ExtraEntry['row'], position: number, sealedAt: number): void {
    const message = `${titleOf(row)} stands at position ${position} and was sealed at position ${sealedAt}.`;
    this.#findings.add('moved', message, { position, ...nameOf(row) });
  }

  #addExtra({ row, near, isMissing }: KeptEntry, isInPlace: boolean): void {
    const where = { position: near, ...nameOf(row) };
    const title = row.id === undefined && isMissing ? 'The entry' : titleOf(row);
    if (isMissing)
      this.#findings.add('removed', `${title} at position ${near} was removed since it was sealed.`, where);
    else if (isInPlace)
      this.#findings.add('changed', `${title} at position ${near} was changed since it was sealed.`, where);
    else
      this.#findings.add('inserted', `${title} was put in at position ${near}: it was never sealed.`, where);
  }
}
