import { basicAuthorization, multipart } from '../../demo/send/connection.ts';
import { textOf } from '../../demo/send/xml.ts';
import { jsonBody, reportOf, type TrialReport, xmlBody } from './contents.ts';
import type { Ledger, ReportRecord } from './ledger.ts';
import { Sender } from './sender.ts';

export interface Service {
  readonly username: string;
  readonly password: string;
}

export interface JourneyParts {
  readonly seed: number;
  readonly ledger: Ledger;
  /** One for each service. */
  readonly senders: readonly Sender[];
}

export function sendersOf(
  services: readonly Service[],
  base: () => string,
  ledger: Ledger,
  connections: number,
): readonly Sender[] {
  return services.map(
    ({ username, password }) => new Sender(base, basicAuthorization(username, password), ledger, connections),
  );
}

/** Sends the report with this number as its service would, and enters into the books what was acknowledged. */
export async function sendReport(parts: JourneyParts, index: number): Promise<void> {
  const report = reportOf(parts.seed, index);
  const service = index % parts.senders.length;
  const sender = parts.senders[service];
  if (sender === undefined) throw new Error('a trial needs a service');
  const record: ReportRecord = {
    index,
    service,
    door: report.door,
    files: [],
    unansweredUploads: 0,
    state: 'none',
  };
  parts.ledger.reports.push(record);
  await (report.door === 'v1' ? sendByJson : sendByXml)(parts, sender, report, record);
}

const json = { 'content-type': 'application/json' };

/** Every POST with a key of its own: a repetition is answered by what was done, so nothing stays in doubt. */
async function sendByJson(
  { seed, ledger }: JourneyParts,
  sender: Sender,
  report: TrialReport,
  record: ReportRecord,
): Promise<void> {
  const keyed = (act: string) => ({ 'idempotency-key': `trial-${seed}-${record.index}-${act}` });
  const opened = await sender.call({
    method: 'POST',
    path: '/v1/reports',
    headers: { ...json, ...keyed('open') },
    body: JSON.stringify(jsonBody(report)),
  });
  const { reportId } = JSON.parse(opened.text) as { reportId: string };
  Object.assign(record, { reportId, state: 'open' });
  for (const [position, file] of report.files.entries()) {
    const added = await sender.call({
      method: 'POST',
      path: `/v1/reports/${reportId}/files`,
      headers: { 'content-type': 'application/octet-stream', ...keyed(`file-${position}`) },
      body: file.bytes,
    });
    const { fileId } = JSON.parse(added.text) as { fileId: string };
    acknowledge(ledger, record, fileId, file);
    if (!file.isDescribed) continue;
    const details = { originalFileName: `file-${position}.bin`, viewedByProvider: true };
    await sender.call({
      method: 'PUT',
      path: `/v1/reports/${reportId}/files/${fileId}/details`,
      headers: json,
      body: JSON.stringify(details),
      // Described by an earlier try whose answer was lost.
      alsoFine: [409],
    });
    markDescribed(record);
  }
  if (report.end === 'open') return;
  const act = report.end === 'filed' ? 'filing' : 'retraction';
  const headers = keyed(act);
  const ended = await sender.call({ method: 'POST', path: `/v1/reports/${reportId}/${act}`, headers });
  record.state = report.end;
  if (report.end !== 'filed') return;
  record.receipt = ended.text;
  record.filing = { key: headers['idempotency-key'] };
}

const described: Readonly<Record<string, readonly number[]>> = { fileinfo: [400] };

/** The XML protocol knows no keys: what was not answered is sent again, and may stand twice. */
async function sendByXml(
  { ledger }: JourneyParts,
  sender: Sender,
  report: TrialReport,
  record: ReportRecord,
): Promise<void> {
  const xml = { 'content-type': 'text/xml; charset=utf-8' };
  const post = async (path: string, headers: Record<string, string>, body: Buffer | string) =>
    // 4000 for a file that an earlier try described, whose answer was lost.
    await sender.call({
      method: 'POST',
      path: `/ispws/${path}`,
      headers,
      body,
      alsoFine: described[path] ?? [],
    });
  const opened = await post('submit', xml, xmlBody(report));
  ledger.unansweredSubmits += opened.unanswered;
  const reportId = textOf(opened.text, 'reportId') ?? '';
  Object.assign(record, { reportId, state: 'open' });
  for (const file of report.files) {
    const form = multipart([
      { name: 'id', value: reportId },
      { name: 'file', value: file.bytes, fileName: 'file.bin', mediaType: 'application/octet-stream' },
    ]);
    const added = await post('upload', form.headers, form.body);
    record.unansweredUploads += added.unanswered;
    const fileId = textOf(added.text, 'fileId') ?? '';
    acknowledge(ledger, record, fileId, file);
    if (!file.isDescribed) continue;
    await post(
      'fileinfo',
      xml,
      `<fileDetails><reportId>${reportId}</reportId><fileId>${fileId}</fileId><originalFileName>file.bin</originalFileName></fileDetails>`,
    );
    markDescribed(record);
  }
  if (report.end === 'open') return;
  const path = report.end === 'filed' ? 'finish' : 'retract';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const ended = await post(path, form, `id=${reportId}`);
  const code = textOf(ended.text, 'responseCode') ?? '';
  // Done by this call, or by an earlier one whose answer was lost.
  if (!['0', '5101', '5102'].includes(code)) throw new Error(`/${path} answered ${code}`);
  record.state = report.end;
}

function acknowledge(
  ledger: Ledger,
  record: ReportRecord,
  fileId: string,
  file: TrialReport['files'][number],
): void {
  if (!/^[0-9a-f]{32}$/.test(fileId)) throw new Error('an upload was answered without a file id');
  const { sha256, bytes } = file;
  record.files.push({ fileId, sha256, sizeBytes: bytes.length, isDescribed: false });
  ledger.acknowledgedBytes += bytes.length;
}

function markDescribed(record: ReportRecord): void {
  const file = record.files.at(-1);
  if (file !== undefined) file.isDescribed = true;
}
