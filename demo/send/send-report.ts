import type { DayReport } from '../day/report.ts';
import type { PictureStock } from '../pictures/stock.ts';
import { type Door, Refused } from './door.ts';

/** What became of one report of the day, as the bureau's answers tell. */
export interface Sending {
  /** Numbers that the bureau gave to what was filed. */
  readonly filed: string[];
  readonly retracted: string[];
  /** File records under what was filed, and their bytes. */
  files: number;
  bytes: number;
  /** MD5 of each of those files. */
  readonly contents: string[];
  /** Files whose MD5 or number in the receipt is not what was sent; sentences. */
  readonly mismatches: string[];
  /** Reasons of refusals that were meant to happen. */
  readonly refusals: string[];
  /** What should not have happened; sentences. */
  readonly troubles: string[];
}

/** Sends a report the whole way, or as far as its course goes. Never throws for what the bureau answers. */
export async function sendReport(door: Door, report: DayReport, stock: PictureStock): Promise<Sending> {
  const sending: Sending = {
    filed: [],
    retracted: [],
    files: 0,
    bytes: 0,
    contents: [],
    mismatches: [],
    refusals: [],
    troubles: [],
  };
  try {
    if (report.firstTry !== undefined) await tryFaulty(door, report, sending);
    await sendOnce(door, report, stock, sending);
    if (report.course === 'sent-twice') await sendOnce(door, report, stock, sending);
  } catch (error) {
    sending.troubles.push(
      `report ${report.index + 1} of ${report.service.name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return sending;
}

/** A client with a fault sends what must be refused, and nothing of it may stay. */
async function tryFaulty(door: Door, report: DayReport, sending: Sending): Promise<void> {
  try {
    await door.retract(await door.open(report, report.firstTry));
    sending.troubles.push(`report ${report.index + 1}: a faulty document (${report.firstTry}) was accepted`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    sending.refusals.push(`${report.firstTry}: ${error.reason}`);
  }
}

async function sendOnce(door: Door, report: DayReport, stock: PictureStock, sending: Sending): Promise<void> {
  const reportId = await door.open(report);
  let bytes = 0;
  const contents: string[] = [];
  for (const [position, file] of report.files.entries()) {
    const content = await stock.take(file.recipe);
    const { fileId, md5 } = await door.addFile(reportId, file, content);
    if (md5 !== content.md5)
      sending.mismatches.push(
        `file ${position + 1} of report ${reportId}: MD5 ${md5} instead of ${content.md5}`,
      );
    bytes += content.bytes.length;
    contents.push(md5);
    await door.describeFile(report, file, { reportId, fileId, md5 });
  }
  if (report.course === 'retracted') {
    await door.retract(reportId);
    sending.retracted.push(reportId);
    return;
  }
  const named = await door.file(reportId);
  if (named !== report.files.length) {
    sending.mismatches.push(
      `receipt of report ${reportId}: ${named} files instead of ${report.files.length}`,
    );
  }
  sending.filed.push(reportId);
  sending.files += report.files.length;
  sending.bytes += bytes;
  sending.contents.push(...contents);
}
