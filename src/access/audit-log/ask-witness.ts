import { parseCheckpoint } from '#proof/checkpoint';
import { openCosignatures } from '#proof/cosignature';
import { consistencyRanges } from '#proof/merkle';
import {
  formatSignatureLine,
  noteSignatureTypes,
  parseSignatureLines,
  parseVerifierKey,
  type VerifierKey,
} from '#proof/note';
import { hashesOf, type ReadTile } from '#proof/tiles';
import { formatAddCheckpoint, parseSizeAnswer } from '#proof/witness-request';

/** Somebody outside who signs that the log only grew (C2SP tlog-witness). */
export interface Witness {
  /** Without a slash at its end; `/add-checkpoint` is added. */
  readonly url: string;
  readonly key: VerifierKey;
}

/** @throws Error when the verifier key is not one of a witness */
export function openWitness(address: { readonly url: string; readonly verifierKey: string }): Witness {
  const key = parseVerifierKey(address.verifierKey);
  const reason =
    key.kind === 'bad'
      ? key.reason
      : key.value.type === noteSignatureTypes.cosignature
        ? undefined
        : 'It is not the key of a witness: those have the type 04.';
  if (key.kind === 'bad' || reason !== undefined)
    throw new Error(`FIRSTLIGHT_WITNESSES holds ${address.verifierKey}. ${reason}`);
  return { url: address.url, key: key.value };
}

export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly line: string; readonly at: Date }
  /** It last cosigned another size than was thought. */
  | { readonly kind: 'elsewhere'; readonly size: number }
  /** It does not take this log for the one it knew. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'silent'; readonly reason: string };

const patienceMs = 10_000;
/** An answer is a few signature lines. */
const longestAnswer = 64 * 1024;

/**
 * Asks one witness to cosign a checkpoint.
 * @param oldSize what the witness cosigned last, as far as is known; 0 for a first time
 */
export async function askWitness(
  witness: Witness,
  checkpoint: { readonly size: number; readonly note: string },
  oldSize: number,
  readTile: ReadTile,
): Promise<WitnessAnswer> {
  const hashes = await hashesOf(consistencyRanges(oldSize, checkpoint.size), checkpoint.size, readTile);
  const body = formatAddCheckpoint({ oldSize, hashes, checkpoint: checkpoint.note });
  let status: number;
  let text: string;
  try {
    const reply = await fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    status = reply.status;
    text = await readShort(reply);
  } catch (error) {
    return { kind: 'silent', reason: `It does not answer (${reasonOf(error)}).` };
  }
  const size = status === 409 ? parseSizeAnswer(text) : undefined;
  if (size !== undefined && size !== oldSize) return { kind: 'elsewhere', size };
  if (status === 200) return cosignatureFrom(text, checkpoint.note, witness.key);
  return refusalOf(status);
}

function cosignatureFrom(lines: string, note: string, key: VerifierKey): WitnessAnswer {
  const parsed = parseSignatureLines(lines);
  const checkpoint = parseCheckpoint(note);
  if (parsed.kind === 'bad' || checkpoint.kind === 'bad')
    return { kind: 'silent', reason: 'It answered with something that is no signature.' };
  const { text } = checkpoint.value.note;
  const opened = openCosignatures({ text, signatures: parsed.value }, [key]);
  const line = parsed.value.find((one) => one.name === key.name && one.keyHash === key.keyHash);
  const atSeconds = opened.kind === 'ok' ? opened.value[0]?.atSeconds : undefined;
  if (line === undefined || atSeconds === undefined)
    return { kind: 'silent', reason: 'It answered with a signature that is not its own on this checkpoint.' };
  return { kind: 'cosigned', line: formatSignatureLine(line), at: new Date(atSeconds * 1000) };
}

function refusalOf(status: number): WitnessAnswer {
  const reasons: Readonly<Record<number, string>> = {
    403: 'It does not know the key of this bureau. Give its operator the verifier key of GET /v1/keys.',
    404: 'It does not know this log. Give its operator the verifier key of GET /v1/keys.',
  };
  const known = reasons[status];
  if (known !== undefined) return { kind: 'silent', reason: known };
  if (status === 409 || status === 422)
    return {
      kind: 'refused',
      reason: 'It refuses: this log does not continue what it cosigned before.',
    };
  return { kind: 'silent', reason: `It answered with status ${status}.` };
}

async function readShort(reply: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of reply.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > longestAnswer) throw new Error('its answer is too long');
  }
  return text;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return error.name === 'TimeoutError' ? `nothing within ${patienceMs / 1000} seconds` : code;
}
