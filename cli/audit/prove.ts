import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ReportProofReply } from '#contract/audit-log';
import { parseCheckpoint } from '#proof/checkpoint';
import { type CheckedProof, checkReportProof, formatReportProof, keysWithin } from '#proof/report-proof';
import type { Call, Outcome } from '../command.ts';
import { CannotDo } from '../failures.ts';
import type { Page } from '../page.ts';
import { keysOfBureau, type TrustedKeys, trustedKeys } from './keys.ts';
import { readOlder } from './verify.ts';

/** Fetches the rows about one report with their proofs, checks them, and writes one file that stands by itself. */
export async function proveReport(call: Call): Promise<Outcome> {
  const [report = ''] = call.arguments;
  const from = call.option('from');
  const older = from === undefined ? undefined : await readOlder(from);
  const pages = await fetchPages(call, report, older?.size);
  const [first] = pages;
  if (first === undefined) throw new CannotDo('The bureau sent no proof: look at its log.');
  const items = pages.flatMap((page) => page.items);
  const text = formatReportProof({
    report,
    checkpoint: first.checkpoint,
    verifierKeys: first.verifierKeys,
    items,
    unsealed: first.unsealed,
    ...(older !== undefined && {
      consistency: { from: older.note, hashes: first.consistency?.hashes ?? [] },
    }),
  });
  const trusted = await trustedKeys(call, { from: 'bureau', read: async () => await keysOfBureau(call) });
  const checked = checkReportProof(text, trusted.keys);
  if (checked.kind === 'bad')
    throw new CannotDo(`What the bureau sent does not hold, and nothing was written: ${checked.reason}`);
  const file = resolve(call.option('out') ?? `report-${report}.proof.json`);
  await writeFile(file, text, { mode: 0o600 });
  return {
    document: { file, rows: items.length, unsealed: first.unsealed, size: checked.value.size },
    present: (page) => {
      page.line(`${items.length} rows about report ${report} and their proofs are in ${file}.`);
      if (first.unsealed > 0) page.line(`${first.unsealed} more wait to be sealed: prove again in a minute.`);
      page.line(`Check them anywhere, without the bureau: firstlight audit check ${file} --key VKEY`);
    },
  };
}

async function fetchPages(
  call: Call,
  report: string,
  from: number | undefined,
): Promise<readonly ReportProofReply[]> {
  const pages: ReportProofReply[] = [];
  let size: number | undefined;
  let after: number | undefined;
  do {
    const page = await call.bureau.get<ReportProofReply>(
      `/v1/desk/audit-log/reports/${encodeURIComponent(report)}/proof`,
      { limit: 200, size, after, from: pages.length === 0 ? from : undefined },
    );
    pages.push(page);
    const checkpoint = parseCheckpoint(page.checkpoint);
    if (checkpoint.kind === 'bad') throw new CannotDo(`The bureau sent no checkpoint: ${checkpoint.reason}`);
    // A cosignature that came in between does not make it another checkpoint.
    if (pages[0] !== undefined) pages[pages.length - 1] = { ...page, checkpoint: pages[0].checkpoint };
    size = checkpoint.value.size;
    after = page.next;
    call.progress(`${pages.flatMap((one) => one.items).length} rows fetched`);
  } while (after !== undefined);
  return pages;
}

/** Checks a file of `audit prove`, or one single proof of tlog-proof. Needs no bureau. */
export async function checkProof(call: Call): Promise<Outcome> {
  const [file = ''] = call.arguments;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CannotDo(`${file} cannot be read: give the file that "firstlight audit prove" wrote.`, {
      cause,
    });
  });
  const trusted = await trustedKeys(call, { from: 'export', read: async () => keysWithin(text) });
  const checked = checkReportProof(text, trusted.keys, trusted.witnesses);
  if (checked.kind === 'bad') {
    return {
      document: { isSound: false, reason: checked.reason, keysFrom: trusted.from },
      isBad: true,
      present: (page) => page.line(`The proof does not hold: ${checked.reason}`),
    };
  }
  const { value } = checked;
  return {
    document: { isSound: true, ...value, keysFrom: trusted.from },
    present: (page) => presentProof(page, value, trusted),
  };
}

function presentProof(page: Page, proof: CheckedProof, trusted: TrustedKeys): void {
  const about = proof.report === undefined ? '' : ` about report ${proof.report}`;
  page.line(`The proof holds: ${proof.rows.length} rows${about} stand in the log ${proof.origin}.`);
  page.line(`The checkpoint that was signed holds ${proof.size} entries.`);
  if (proof.continues !== undefined)
    page.line(`The log continues the older checkpoint of ${proof.continues} entries.`);
  for (const { name, at } of proof.cosigned) page.line(`Cosigned by ${name} at ${page.time(at)}.`);
  if (trusted.from === 'export')
    page.line('The key came from the file itself. Give --key with the key that the bureau published.');
  page.line();
  page.table(
    [
      { title: 'Position', cell: (row) => row.position, isNumber: true },
      { title: 'When', cell: (row) => page.time(memberOf(row.entry, 'at')) },
      {
        title: 'Who',
        cell: (row) => memberOf(row.entry, 'actor_name') ?? memberOf(row.entry, 'actor_id'),
        isFlexible: true,
      },
      { title: 'Did', cell: (row) => memberOf(row.entry, 'action') ?? memberOf(row.entry, 'act') },
      {
        title: 'Why',
        cell: (row) => memberOf(row.entry, 'why') ?? memberOf(row.entry, 'note'),
        isFlexible: true,
      },
    ],
    proof.rows,
    'It proves no row.',
  );
}

function memberOf(entry: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const { row } = entry;
  const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
