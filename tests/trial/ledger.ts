/** What the bureau acknowledged to one report's sender. Whatever stands here must be there afterwards. */
export interface ReportRecord {
  /** Which report of the trial, from 0; its contents follow from the seed and this. */
  readonly index: number;
  readonly service: number;
  readonly door: 'v1' | 'ispws';
  reportId?: string;
  readonly files: AcknowledgedFile[];
  /** Uploads through the XML protocol that ended without an answer: each may stand as one more file. */
  unansweredUploads: number;
  /** The JSON receipt as it was answered, word for word; absent at the XML door. */
  receipt?: string;
  filing?: { readonly key: string };
  state: 'none' | 'open' | 'filed' | 'retracted';
}

interface AcknowledgedFile {
  readonly fileId: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  isDescribed: boolean;
}

/** The books of a trial: what was asked, answered and acknowledged. */
export class Ledger {
  readonly reports: ReportRecord[] = [];
  /** Answers of every kind; the kills are timed by this count. */
  answers = 0;
  /** Answers that say that the bureau is busy or its database away: nothing was taken. */
  refused = 0;
  /** Requests that ended without an answer: each may have been done. */
  unanswered = 0;
  /** Requests that found nobody listening. */
  unreachable = 0;
  acknowledgedBytes = 0;
  /** Status and path of every answer that no sender should ever see, without repeating them. */
  readonly faults = new Map<string, number>();
  /** Reports that the XML door opened without its answer arriving at most; nobody knows their numbers. */
  unansweredSubmits = 0;
  /** Reports of earlier rounds, which are checked by the database's own rules from then on. */
  readonly #closed = { v1: 0, ispws: 0, files: 0 };
  readonly #waiting: { readonly at: number; readonly go: () => void }[] = [];

  answered(): void {
    this.answers += 1;
    while (this.#waiting[0] !== undefined && this.#waiting[0].at <= this.answers) this.#waiting.shift()?.go();
  }

  /** Resolves at the moment of the answer with this number; at once when it is past. */
  async untilAnswer(count: number): Promise<void> {
    if (count <= this.answers) return;
    await new Promise<void>((go) => {
      this.#waiting.push({ at: count, go });
      this.#waiting.sort((one, other) => one.at - other.at);
    });
  }

  fault(what: string): void {
    this.faults.set(what, (this.faults.get(what) ?? 0) + 1);
  }

  /** Acknowledged reports of one door since the beginning. */
  countOf(door: 'v1' | 'ispws'): number {
    const open = this.reports.filter((report) => report.reportId !== undefined && report.door === door);
    return this.#closed[door] + open.length;
  }

  get acknowledgedReports(): number {
    return this.countOf('v1') + this.countOf('ispws');
  }

  get acknowledgedFiles(): number {
    return this.#closed.files + this.reports.reduce((sum, report) => sum + report.files.length, 0);
  }

  /** Forgets the reports of a round that was reckoned, so that a trial of hours holds what one of minutes does. */
  closeRound(): void {
    const [v1, ispws, files] = [this.countOf('v1'), this.countOf('ispws'), this.acknowledgedFiles];
    Object.assign(this.#closed, { v1, ispws, files });
    this.reports.length = 0;
  }
}
