import type { KeyObject } from 'node:crypto';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { parseReportId } from '#base/ids';
import {
  type CheckedReceipt,
  checkReceipt,
  type ReceiptFacts,
  type ReceiptFile,
  readKeys,
} from '#proof/receipt';
import type { Call, Command, CommandGroup } from '../command.ts';
import { CannotDo, WrongUsage } from '../failures.ts';
import type { Page } from '../page.ts';

export const receiptGroup: CommandGroup = {
  name: 'receipt',
  summary: 'Signed proof of what was filed, and when',
};

/** Larger than any receipt or set of keys. */
const mostBytes = 64 * 1024 * 1024;
const patienceMs = 20_000;

export const receiptCommands: readonly Command[] = [
  {
    name: 'receipt show',
    summary: 'Shows the receipt of a filed report, as its service has it',
    more: ['The audit trail notes that the receipt was read.'],
    arguments: [{ name: 'REPORT', summary: 'the number of the report' }],
    options: [{ name: 'to', value: 'FILE', summary: 'also writes the receipt itself into a new file' }],
    examples: [
      { line: 'firstlight receipt show 1000002', does: 'for reading' },
      { line: 'firstlight receipt show 1000002 --to receipt.jws', does: 'to hand it on' },
    ],
    run: async (call) => {
      const [id = ''] = call.arguments;
      if (parseReportId(id) === undefined) {
        throw new WrongUsage(
          `"${id}" is not a report number: it is a whole number without leading zero, as 1000002.`,
        );
      }
      const receipt = await call.bureau.getText(`/v1/desk/reports/${id}/receipt`);
      const checked = checkReceipt(receipt, await keysOfBureau(call));
      if (checked.kind === 'bad')
        throw new CannotDo(`The bureau gave a receipt that is not its own. ${checked.reason}`);
      const to = call.option('to');
      if (to !== undefined) await writeNew(to, receipt);
      const { keyId, facts } = checked.value;
      return {
        document: { receipt, keyId, facts },
        present: (page) => presentReceipt(page, checked.value),
      };
    },
  },
  {
    name: 'receipt verify',
    summary: 'Checks a receipt against the keys that the bureau published, offline where they are in a file',
    more: [
      'Without --key the keys are asked of the bureau of this machine. Exit status 1 when the receipt is not genuine.',
    ],
    arguments: [{ name: 'FILE', summary: 'the receipt, a .jws file' }],
    options: [
      {
        name: 'key',
        value: 'FILE|URL',
        summary: 'the answer of GET /v1/keys in a file, or the address of a bureau',
      },
    ],
    examples: [
      { line: 'firstlight receipt verify receipt.jws --key keys.json', does: 'without any network' },
      {
        line: 'firstlight receipt verify receipt.jws --key https://bureau.example',
        does: 'with the keys that stand there now',
      },
    ],
    run: async (call) => {
      const [path = ''] = call.arguments;
      const key = call.option('key');
      const keys = key === undefined ? await keysOfBureau(call) : await keysFrom(key);
      // An editor that adds a line break has not altered the receipt.
      const text = (await readText(path)).replace(/\r?\n$/, '');
      const checked = checkReceipt(text, keys);
      if (checked.kind === 'bad') {
        return {
          document: { isGenuine: false, reason: checked.reason },
          isBad: true,
          present: (page) => {
            page.line('This receipt is NOT genuine.');
            page.line(checked.reason);
          },
        };
      }
      return {
        document: { isGenuine: true, ...checked.value },
        present: (page) => {
          page.line('This receipt is genuine: nothing in it was changed since the bureau signed it.');
          page.line();
          presentReceipt(page, checked.value);
        },
      };
    },
  },
];

export async function keysOfBureau(call: Call): Promise<ReadonlyMap<string, KeyObject>> {
  return goodKeys(await call.bureau.getText('/v1/keys'));
}

export async function keysFrom(source: string): Promise<ReadonlyMap<string, KeyObject>> {
  return goodKeys(/^https?:\/\//i.test(source) ? await fetchKeys(source) : await readText(source));
}

function goodKeys(text: string): ReadonlyMap<string, KeyObject> {
  const keys = readKeys(text);
  if (keys.kind === 'bad') throw new CannotDo(keys.reason);
  return keys.value;
}

async function fetchKeys(source: string): Promise<string> {
  const url = URL.parse(source);
  if (url === null)
    throw new WrongUsage(`${source} is not an address. Give one like https://bureau.example.`);
  const target = url.pathname === '/' ? new URL('/v1/keys', url) : url;
  try {
    const answer = await fetch(target, { signal: AbortSignal.timeout(patienceMs) });
    if (answer.ok) return await answer.text();
  } catch (cause) {
    throw new CannotDo(
      `Nothing answers at ${target.href}: check the address, or save the keys and give the file.`,
      {
        cause,
      },
    );
  }
  throw new CannotDo(
    `There are no keys at ${target.href}: give the address of a bureau, or of its GET /v1/keys.`,
  );
}

export async function readText(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new CannotDo(`There is no file ${path}: check the name.`);
  if (found.size > mostBytes)
    throw new CannotDo(`${path} is larger than any receipt or set of keys: check the name.`);
  return await readFile(path, 'utf8');
}

export async function writeNew(path: string, text: string): Promise<void> {
  try {
    const handle = await open(path, 'wx');
    await handle.close();
    await writeFile(path, text);
  } catch (cause) {
    throw new CannotDo(
      `${path} cannot be made: choose a name that is not taken, in a folder that is there.`,
      { cause },
    );
  }
}

const mostShown = 1000;

function presentReceipt(page: Page, { keyId, facts }: CheckedReceipt): void {
  page.heading(`Receipt ${facts.reference}`);
  page.facts([
    ['Report', facts.reportId],
    ['Filed by', `${facts.service.name} (${facts.environment})`],
    ['Filed', `${facts.filedAt}`],
    ['Opened', `${facts.openedAt}`],
    ['Taken by', facts.bureau.name],
    ['Profile', facts.profile],
    ['Document SHA-256', facts.document.sha256],
    ['Signed with', `${keyId} of ${facts.bureau.keyName}`],
  ]);
  page.heading(`Files: ${facts.files.length}`);
  page.table<ReceiptFile>(
    [
      { title: 'Size', cell: (file) => file.sizeBytes, isNumber: true },
      { title: 'SHA-256', cell: (file) => file.sha256 },
      { title: 'File', cell: (file) => file.fileId, isFlexible: true },
    ],
    facts.files.slice(0, mostShown),
    'No file was filed.',
  );
  if (facts.files.length > mostShown) page.line(`Only the first ${mostShown} are listed; --json gives all.`);
  presentWarnings(page, facts);
}

function presentWarnings(page: Page, { warnings }: ReceiptFacts): void {
  if (warnings.length === 0) return;
  page.heading('Warnings');
  for (const { element, message } of warnings.slice(0, mostShown)) page.line(`- ${element}: ${message}`);
}
