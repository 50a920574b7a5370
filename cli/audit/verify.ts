import { readFile } from 'node:fs/promises';
import type { AuditLogReply } from '#contract/audit-log';
import { openCheckpoint } from '#proof/checkpoint';
import type { Finding } from '#proof/findings';
import { olderCheckpointIn } from '#proof/report-proof';
import { readTar } from '#proof/tar';
import { LogVerifier, type Verification, type VerifyOptions } from '#proof/verify-log';
import type { Call, Outcome } from '../command.ts';
import { CannotDo } from '../failures.ts';
import { readExport, readHead } from './export-folder.ts';
import { keysOfBureau, type TrustedKeys, trustedKeys } from './keys.ts';

/** Verifies a folder that `audit export` wrote. Needs no bureau. */
export async function verifyFolder(call: Call, folder: string): Promise<Outcome> {
  const head = await readHead(folder);
  if (head.checkpoint === undefined)
    throw new CannotDo(
      `There is no whole export in ${folder}: run "firstlight audit export --out ${folder}".`,
    );
  const trusted = await trustedKeys(call, { from: 'export', read: async () => head.verifierKeys });
  const earlier = [...head.earlier, ...(await earlierGiven(call))];
  const verifier = verifierOf(head.checkpoint, { ...trusted, earlier });
  for await (const file of readExport(folder, verifier.checkpoint.size)) {
    verifier.take(file.name, file.bytes);
    showProgress(call, verifier);
  }
  return outcomeOf(verifier.finish(), trusted, []);
}

/** Verifies the log of the running bureau while it streams; nothing is kept. */
export async function verifyBureau(call: Call): Promise<Outcome> {
  const trusted = await trustedKeys(call, { from: 'bureau', read: async () => await keysOfBureau(call) });
  const earlier = await earlierGiven(call);
  const state = await call.bureau.get<AuditLogReply>('/v1/desk/audit-log');
  let verifier: LogVerifier | undefined;
  try {
    for await (const { name, bytes } of readTar(call.bureau.postForBytes('/v1/desk/audit-log/export', {}))) {
      if (name === 'checkpoint') verifier = verifierOf(bytes.toString('utf8'), { ...trusted, earlier });
      if (verifier === undefined) continue;
      verifier.take(name, bytes);
      showProgress(call, verifier);
    }
  } catch (error) {
    if (error instanceof CannotDo) throw error;
    throw new CannotDo('The bureau broke off the export: look at its log, then try again.', { cause: error });
  }
  if (verifier === undefined) throw new CannotDo('The bureau sent no checkpoint: look at its log.');
  const own: Finding[] = state.trouble === undefined ? [] : [{ kind: 'history', message: state.trouble }];
  return outcomeOf(verifier.finish(), trusted, own);
}

async function earlierGiven(call: Call): Promise<readonly string[]> {
  const file = call.option('from');
  if (file === undefined) return [];
  return [(await readOlder(file)).note];
}

/** A checkpoint, or a proof that holds one. */
export async function readOlder(file: string): Promise<{ readonly size: number; readonly note: string }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CannotDo(`${file} cannot be read: give a checkpoint or a proof that was kept.`, { cause });
  });
  const older = olderCheckpointIn(text);
  if (older.kind === 'bad') throw new CannotDo(`${file}: ${older.reason} Give one that was kept.`);
  return older.value;
}

function verifierOf(checkpoint: string, options: VerifyOptions): LogVerifier {
  const opened = openCheckpoint(checkpoint, options.keys);
  if (opened.kind === 'bad') throw new CannotDo(`The checkpoint does not hold: ${opened.reason}`);
  return new LogVerifier(opened.value, options);
}

/** Rows between two looks at the progress. */
const rowsBetween = 8192;

function showProgress(call: Call, verifier: LogVerifier): void {
  if (verifier.checked % rowsBetween !== 0) return;
  const { size } = verifier.checkpoint;
  const share = size === 0 ? 100 : Math.floor((verifier.checked / size) * 100);
  const trouble = verifier.found === 0 ? '' : `, ${verifier.found} findings`;
  call.progress(`${verifier.checked} of ${size} rows checked (${share} %)${trouble}`);
}

function outcomeOf(verification: Verification, trusted: TrustedKeys, own: readonly Finding[]): Outcome {
  const missing = trusted.witnesses
    .filter((witness) => !verification.cosigned.some((one) => one.name === witness.name))
    .map(
      (witness): Finding => ({
        kind: 'history',
        message: `The witness ${witness.name} did not cosign this checkpoint: export again a minute later, or ask its operator.`,
      }),
    );
  const findings = [...own, ...verification.findings, ...missing];
  const isSound = findings.length === 0;
  const { origin, size, checked, cosigned, continued, pending, more } = verification;
  return {
    document: { ...verification, findings, isSound, keysFrom: trusted.from },
    isBad: !isSound,
    present: (page) => {
      page.line(`${origin}: ${checked} of ${size} rows checked against the signed checkpoint.`);
      if (pending !== undefined && pending > 0) page.line(`${pending} rows wait to be sealed.`);
      for (const { name, at } of cosigned) page.line(`Cosigned by ${name} at ${page.time(at)}.`);
      if (continued.length > 0)
        page.line(`It continues the earlier checkpoints of ${continued.join(', ')} entries.`);
      if (trusted.from === 'export')
        page.line(
          'The key came from the export itself: this shows that the export agrees with itself. Give --key with the key that the bureau published.',
        );
      if (isSound) {
        page.line('Every row is as it was sealed, in its place, and none is missing.');
        return;
      }
      page.heading(`${findings.length + more} findings`);
      for (const { message } of findings) page.line(message);
      if (more > 0) page.line(`And ${more} more.`);
    },
  };
}
