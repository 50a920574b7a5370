import type { RowName } from './compare-bundle.ts';

/** One thing that is wrong with a log, with the place where it is wrong. */
export interface Finding {
  /**
   * `changed`, `removed`, `inserted`, `moved`: what happened to a row. `hashes`: parts of the tree do not follow from
   * each other. `truncated`: the end is missing. `file`: a file is missing or is not what its name says. `history`:
   * the tree is not the signed one, or does not continue an earlier signed one.
   */
  readonly kind: 'changed' | 'removed' | 'inserted' | 'moved' | 'hashes' | 'truncated' | 'file' | 'history';
  /** Counted from 0, as the log counts. */
  readonly position?: number;
  readonly source?: string;
  readonly id?: string;
  /** A whole sentence. */
  readonly message: string;
}

/** So many findings are kept; the rest is counted. */
const mostFindings = 1000;

export class Findings {
  readonly list: Finding[] = [];
  more = 0;

  add(kind: Finding['kind'], message: string, where: Omit<Finding, 'kind' | 'message'> = {}): void {
    if (this.list.length < mostFindings) this.list.push({ kind, ...where, message });
    else this.more += 1;
  }
}

/** `audit row 12`, where the row can be named. */
export function titleOf({ source, id }: RowName): string {
  return source === undefined || id === undefined ? 'An entry that cannot be read' : `${source} row ${id}`;
}

export function nameOf({ source, id }: RowName): RowName {
  return { ...(source !== undefined && { source }), ...(id !== undefined && { id }) };
}
