import type { Defect, DefectLayer } from '#base/defects';

/** Most defects or warnings that one answer lists; a document with more is told to correct these first. */
export const defectLimit = 100;

/** What a rule found about one value or element. */
export interface Finding {
  readonly rule: string;
  readonly message: string;
  /** Accepted all the same. */
  readonly isWarning?: true;
}

/** Gathers defects and warnings up to the limit; what is beyond is counted in a last entry, not listed. */
export class DefectCollection {
  readonly #defects: Defect[] = [];
  readonly #warnings: Defect[] = [];
  #left = { defects: 0, warnings: 0 };

  add(layer: DefectLayer, element: string, line: number | undefined, finding: Finding): void {
    const { rule, message } = finding;
    const entry: Defect =
      line === undefined ? { element, layer, rule, message } : { element, line, layer, rule, message };
    const isWarning = finding.isWarning === true;
    const list = isWarning ? this.#warnings : this.#defects;
    if (list.length < defectLimit - 1) list.push(entry);
    else this.#left[isWarning ? 'warnings' : 'defects'] += 1;
  }

  get hasDefects(): boolean {
    return this.#defects.length > 0;
  }

  get defects(): readonly Defect[] {
    return closed(this.#defects, this.#left.defects);
  }

  get warnings(): readonly Defect[] {
    return closed(this.#warnings, this.#left.warnings);
  }
}

function closed(list: readonly Defect[], left: number): readonly Defect[] {
  const last = list.at(-1);
  if (left === 0 || last === undefined) return list;
  return [
    ...list,
    {
      element: 'document',
      layer: last.layer,
      rule: 'more-defects',
      message: `${left} more of this kind are not listed; correct these first.`,
    },
  ];
}

/** One defect of the form layer, as the whole result. */
export function formDefect(rule: string, message: string, line?: number): Defect {
  const base = { element: 'document', layer: 'form', rule, message } as const;
  return line === undefined ? base : { ...base, line };
}

/** Names come from the sender: cut to a length that no answer or log suffers from. */
export function shownName(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 63)}…`;
}
