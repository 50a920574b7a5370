import type { Parsed } from '#base/defects';
import { DefectCollection } from './defect-collection.ts';
import { dayOf, momentOf } from './simple-values.ts';
import { lengthFinding, valueRules } from './value-rules.ts';
import type { ValueRule } from './vocabulary/model.ts';

/** Gathers what the documented rules say about the fields of one JSON body, all at once. */
export class FieldCheck {
  readonly #found = new DefectCollection();
  readonly #now: Date;

  constructor(now: Date) {
    this.#now = now;
  }

  /** Applies one rule of the XML protocol to a value. In XML the schema sees to the form of times; here this does. */
  value(rule: ValueRule, value: string, path: string): void {
    if (rule === 'past-time' && momentOf(value) === 'no-time') {
      this.defect(
        path,
        'time-malformed',
        'Send ISO 8601 with date, time and zone, such as 2026-03-01T10:00:00Z.',
      );
      return;
    }
    if (rule === 'past-date' && dayOf(value) === 'no-time') {
      this.defect(path, 'date-malformed', 'Send a date as year, month and day, such as 1990-03-01.');
      return;
    }
    const finding = valueRules[rule](value, this.#now);
    if (finding !== undefined) this.#found.add('rule', path, undefined, finding);
  }

  length(maxLength: number, value: string, path: string): void {
    const finding = lengthFinding(value, maxLength);
    if (finding !== undefined) this.#found.add('rule', path, undefined, finding);
  }

  defect(path: string, rule: string, message: string): void {
    this.#found.add('rule', path, undefined, { rule, message });
  }

  warn(path: string, rule: string, message: string): void {
    this.#found.add('rule', path, undefined, { rule, message, isWarning: true });
  }

  /** The value with warnings, or the defects. */
  parsed<T>(value: T): Parsed<T> {
    if (this.#found.hasDefects) return { kind: 'defects', defects: this.#found.defects };
    return { kind: 'ok', value, warnings: this.#found.warnings };
  }
}
