import { parseReportId } from '#base/ids';
import { type CertificateFacts, checkCertificate } from '#proof/certificate';
import type { Command, CommandGroup } from '../command.ts';
import { WrongUsage } from '../failures.ts';
import type { Page } from '../page.ts';
import { keysFrom, keysOfBureau, readText, writeNew } from './receipt.ts';

export const certificateGroup: CommandGroup = {
  name: 'certificate',
  summary: 'Signed proof that the content of a report was destroyed',
};

export const certificateCommands: readonly Command[] = [
  {
    name: 'certificate show',
    summary: 'Shows the destruction certificate of a report',
    arguments: [{ name: 'REPORT', summary: 'the number of the report' }],
    options: [{ name: 'to', value: 'FILE', summary: 'also writes the certificate itself into a new file' }],
    examples: [{ line: 'firstlight certificate show 1000002 --to certificate.jws', does: 'to hand it on' }],
    run: async (call) => {
      const [id = ''] = call.arguments;
      if (parseReportId(id) === undefined)
        throw new WrongUsage(`"${id}" is not a report number: it is a whole number, as 1000002.`);
      const certificate = await call.bureau.getText(`/v1/desk/reports/${id}/certificate`);
      const to = call.option('to');
      if (to !== undefined) await writeNew(to, certificate);
      return await checkedOutcome(certificate, await keysOfBureau(call), { certificate });
    },
  },
  {
    name: 'certificate verify',
    summary:
      'Checks a destruction certificate against the keys that the bureau published, offline where they are in a file',
    more: [
      'Without --key the keys are asked of the bureau of this machine. Exit status 1 when it is not genuine.',
    ],
    arguments: [{ name: 'FILE', summary: 'the certificate, a .jws file' }],
    options: [
      {
        name: 'key',
        value: 'FILE|URL',
        summary: 'the answer of GET /v1/keys in a file, or the address of a bureau',
      },
    ],
    examples: [
      { line: 'firstlight certificate verify certificate.jws --key keys.json', does: 'without any network' },
    ],
    run: async (call) => {
      const [path = ''] = call.arguments;
      const key = call.option('key');
      const keys = key === undefined ? await keysOfBureau(call) : await keysFrom(key);
      const text = (await readText(path)).replace(/\r?\n$/, '');
      return await checkedOutcome(text, keys, {});
    },
  },
];

async function checkedOutcome(
  text: string,
  keys: Parameters<typeof checkCertificate>[1],
  more: Readonly<Record<string, string>>,
) {
  const checked = await checkCertificate(text, keys);
  if (checked.kind === 'bad') {
    return {
      document: { isGenuine: false, reason: checked.reason },
      isBad: true,
      present: (page: Page) => {
        page.line('This certificate is NOT genuine.');
        page.line(checked.reason);
      },
    };
  }
  const { keyId, facts } = checked.value;
  return {
    document: { isGenuine: true, keyId, facts, ...more },
    present: (page: Page) => presentCertificate(page, facts, keyId),
  };
}

function presentCertificate(page: Page, facts: CertificateFacts, keyId: string): void {
  page.line('This certificate is genuine: nothing in it was changed since the bureau signed it.');
  page.heading(`Destruction of report ${facts.report.id}`);
  const kept = facts.files.filter(({ outcome }) => outcome === 'kept-for-another-report').length;
  page.facts([
    ['Reference', facts.report.reference],
    ['Filed', facts.report.filedAt],
    ['Destroyed', facts.erasedAt],
    ['Checked', facts.certifiedAt],
    [
      'Under',
      `${facts.basis.law}, schedule version ${facts.basis.scheduleVersion}, due ${facts.basis.dueAt}`,
    ],
    ['Ground', facts.ground],
    ['Decided by', facts.approvedBy.map(({ name, part }) => `${name} (${part})`).join(', ')],
    ['Files', `${facts.files.length - kept} destroyed, ${kept} kept for another report`],
    ['By', `${facts.bureau.name}, key ${keyId}`],
  ]);
  page.heading('What stays, and until when');
  for (const sentence of facts.remains) page.line(`- ${sentence}`);
}
