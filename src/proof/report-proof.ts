import { openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { openCosignatures } from './cosignature.ts';
import { isConsistent } from './merkle.ts';
import type { VerifierKey } from './note.ts';
import { bad, fromBase64, ok, type Parsed } from './parsed.ts';
import { formatProof, parseProof, verifyProof } from './tlog-proof.ts';

/** Everything that the audit log says of one report, to be checked offline. */
export interface ReportProof {
  readonly report: string;
  readonly checkpoint: string;
  readonly verifierKeys: readonly string[];
  readonly items: readonly {
    readonly position: number;
    readonly entry: string;
    readonly hashes: readonly string[];
  }[];
  /** Rows that were not in the checkpoint yet. */
  readonly unsealed: number;
  /** That the log continues an older checkpoint: that checkpoint, and the proof in Base64. */
  readonly consistency?: { readonly from: string; readonly hashes: readonly string[] };
}

export interface CheckedProof {
  readonly origin: string;
  readonly size: number;
  readonly report?: string;
  readonly rows: readonly { readonly position: number; readonly entry: Readonly<Record<string, unknown>> }[];
  readonly cosigned: readonly { readonly name: string; readonly at: string }[];
  /** The size of the older checkpoint that the log was shown to continue. */
  readonly continues?: number;
  readonly unsealed?: number;
}

const format = 'firstlight-report-proof/1';

/** A JSON document; each of its `proofs` is a file of https://c2sp.org/tlog-proof with the entry as its extra data. */
export function formatReportProof(proof: ReportProof): string {
  const { items, ...rest } = proof;
  const proofs = items.map(({ position, entry, hashes }) =>
    formatProof({
      extra: Buffer.from(entry),
      index: position,
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: proof.checkpoint,
    }),
  );
  return `${JSON.stringify({ format, ...rest, proofs }, undefined, 2)}\n`;
}

/** The older checkpoint and the log's own keys, as the file names them: not to be trusted for that. */
export function keysWithin(text: string): readonly string[] {
  const document = documentOf(text);
  const keys = document?.verifierKeys;
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}

/**
 * Checks a document of `formatReportProof`, or one single proof of tlog-proof that carries its entry.
 * Every row must stand in the log that one of the keys signed, and that log must continue the older one, if one is given.
 */
export function checkReportProof(
  text: string,
  keys: readonly VerifierKey[],
  witnesses: readonly VerifierKey[] = [],
): Parsed<CheckedProof> {
  const document = documentOf(text);
  const proofs = document === undefined ? [text] : document.proofs;
  if (document !== undefined && document.format !== format)
    return bad(`The document is not of the form ${format}.`);
  if (!Array.isArray(proofs) || !proofs.every((proof) => typeof proof === 'string'))
    return bad('The document holds no proofs.');
  const checkpointText =
    typeof document?.checkpoint === 'string' ? document.checkpoint : checkpointWithin(text);
  const checkpoint = openCheckpoint(checkpointText, keys);
  if (checkpoint.kind === 'bad') return checkpoint;
  const rows: { position: number; entry: Readonly<Record<string, unknown>> }[] = [];
  for (const each of proofs) {
    const row = checkRow(each, checkpointText, keys);
    if (row.kind === 'bad') return row;
    rows.push(row.value);
  }
  const continues = checkContinuation(document?.consistency, checkpoint.value, keys);
  if (continues.kind === 'bad') return continues;
  const cosignatures = openCosignatures(checkpoint.value.note, witnesses);
  if (witnesses.length > 0 && cosignatures.kind === 'bad') return cosignatures;
  const { origin, size } = checkpoint.value;
  return ok({
    origin,
    size,
    rows,
    cosigned:
      cosignatures.kind === 'bad'
        ? []
        : cosignatures.value.map(({ key, atSeconds = 0 }) => ({
            name: key.name,
            at: new Date(atSeconds * 1000).toISOString(),
          })),
    ...(typeof document?.report === 'string' && { report: document.report }),
    ...(continues.value !== undefined && { continues: continues.value }),
    ...(typeof document?.unsealed === 'number' && { unsealed: document.unsealed }),
  });
}

function checkRow(
  text: string,
  checkpoint: string,
  keys: readonly VerifierKey[],
): Parsed<{ position: number; entry: Readonly<Record<string, unknown>> }> {
  const proof = parseProof(text);
  if (proof.kind === 'bad') return proof;
  const { extra, index } = proof.value;
  if (extra === undefined) return bad(`The proof of index ${index} does not carry its entry.`);
  if (proof.value.checkpoint !== checkpoint)
    return bad(`The proof of index ${index} leads to another checkpoint than the document.`);
  const verified = verifyProof(proof.value, extra, keys);
  if (verified.kind === 'bad') return verified;
  const entry = documentOf(extra.toString('utf8'));
  return entry === undefined
    ? bad(`The entry at index ${index} is not JSON.`)
    : ok({ position: index, entry });
}

function checkContinuation(
  consistency: unknown,
  now: { readonly size: number; readonly root: Buffer },
  keys: readonly VerifierKey[],
): Parsed<number | undefined> {
  if (consistency === undefined) return ok(undefined);
  if (typeof consistency !== 'object' || consistency === null || !('from' in consistency))
    return bad('The document does not say which older checkpoint the log continues.');
  const old = openCheckpoint(String(consistency.from), keys);
  if (old.kind === 'bad') return bad(`The older checkpoint: ${old.reason}`);
  const given: unknown = 'hashes' in consistency ? consistency.hashes : undefined;
  const hashes = Array.isArray(given) ? given.map((hash: unknown) => fromBase64(String(hash))) : [undefined];
  const proof = hashes.filter((hash) => hash !== undefined);
  if (proof.length !== hashes.length || !isConsistent(old.value, now, proof))
    return bad(`The log does not continue the older checkpoint of ${old.value.size} entries.`);
  return ok(old.value.size);
}

function checkpointWithin(proof: string): string {
  const split = proof.indexOf('\n\n');
  return split < 0 ? '' : proof.slice(split + 2);
}

/** The size that an older checkpoint, a proof or a document of proofs was signed with; its checkpoint with it. */
export function olderCheckpointIn(text: string): Parsed<{ readonly size: number; readonly note: string }> {
  const document = documentOf(text);
  const candidates = [document?.checkpoint, text, checkpointWithin(text)];
  for (const note of candidates) {
    const parsed = typeof note === 'string' ? parseCheckpoint(note) : undefined;
    if (parsed?.kind === 'ok' && typeof note === 'string') return ok({ size: parsed.value.size, note });
  }
  return bad('The file is neither a checkpoint nor a proof.');
}

function documentOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
