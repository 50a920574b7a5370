import type { Defect } from '#base/defects';

/** Thrown by a handler when what was sent is well understood and wrong: the whole list goes to the sender. */
export class DefectList extends Error {
  override readonly name = 'DefectList';
  readonly status: number;
  /** Stable code, for example `intake.report-invalid`. */
  readonly code: string;
  readonly defects: readonly Defect[];

  constructor(code: string, status: number, defects: readonly Defect[]) {
    super(`${defects.length} defects`);
    this.code = code;
    this.status = status;
    this.defects = defects;
  }
}
