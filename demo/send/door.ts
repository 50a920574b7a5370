import type { DayFile, DayReport, FirstTry } from '../day/report.ts';
import type { StockFile } from '../pictures/stock.ts';

/** One way into the bureau: the five things that a service does with a report. */
export interface Door {
  /** Opens a report and gives its number. */
  open(report: DayReport, fault?: FirstTry): Promise<string>;
  /** Sends the bytes; gives the file's id and the MD5 that the bureau counted. */
  addFile(reportId: string, file: DayFile, stock: StockFile): Promise<{ fileId: string; md5: string }>;
  describeFile(
    report: DayReport,
    file: DayFile,
    numbers: { reportId: string; fileId: string; md5: string },
  ): Promise<void>;
  /** Files the report; gives how many files the receipt names. */
  file(reportId: string): Promise<number>;
  retract(reportId: string): Promise<void>;
}

/** The bureau said no. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** Short and stable, for counting: the protocol's code with its description, or the code of problem details. */
  readonly reason: string;

  constructor(step: string, status: number, reason: string) {
    super(`${step} was answered with ${status}: ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}
