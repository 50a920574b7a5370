import type { Defect } from '#base/defects';

/** Thrown by a handler when what was sent is well understood and wrong: the whole list goes to the sender. */
export class DefectList extends Error {
  override readonly name = 'DefectList';
  readonly status: number;
  /** Stable code, for example `intake.report-invalid`. */
  readonly code: string;
  readonly defects: readonly Defect[];
  /** `kind:id` of what it is about, for the audit row. */
  readonly subject: string | undefined;

  constructor(code: string, status: number, defects: readonly Defect[], subject?: string) {
    super(`${defects.length} defects`);
    this.code = code;
    this.status = status;
    this.defects = defects;
    this.subject = subject;
  }
}
