import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openCheckpoint } from '#proof/checkpoint';
import { cosign } from '#proof/cosignature';
import { isConsistent, isSame } from '#proof/merkle';
import {
  formatSignatureLine,
  noteSignatureTypes,
  openNote,
  parseVerifierKey,
  type VerifierKey,
  verifierKeyOf,
} from '#proof/note';
import { parseAddCheckpoint } from '#proof/witness-request';
import { closeAtEnd } from './database.ts';

/** A witness as C2SP tlog-witness describes it: a server of its own that signs only what continues what it signed. */
export interface TestWitness {
  readonly url: string;
  readonly key: VerifierKey;
  /** What it cosigned last. */
  readonly seen: () => { readonly size: number; readonly root: Buffer };
  /** Status of every answer so far. */
  readonly answers: readonly number[];
  /** While false it breaks off every connection. */
  isUp: boolean;
}

export async function startWitness(logKeys: readonly string[]): Promise<TestWitness> {
  const pair = generateKeyPairSync('ed25519');
  const key = verifierKeyOf('witness.example/w1', pair.publicKey, noteSignatureTypes.cosignature);
  const keys = logKeys.map((text) => {
    const parsed = parseVerifierKey(text);
    if (parsed.kind === 'bad') throw new Error(parsed.reason);
    return parsed.value;
  });
  let seen: { size: number; root: Buffer } = { size: 0, root: Buffer.alloc(0) };
  const answers: number[] = [];
  const answerTo = (body: string): { status: number; text: string; type?: string } => {
    const request = parseAddCheckpoint(body);
    if (request.kind === 'bad') return { status: 400, text: request.reason };
    const { oldSize, hashes, checkpoint } = request.value;
    const opened = openCheckpoint(checkpoint, keys);
    if (opened.kind === 'bad') return { status: 403, text: opened.reason };
    const { size, root, note } = opened.value;
    if (openNote(note, keys).kind === 'bad') return { status: 403, text: '' };
    if (oldSize > size) return { status: 400, text: '' };
    if (oldSize !== seen.size || (oldSize === size && !isSame(seen.root, root)))
      return { status: 409, text: `${seen.size}\n`, type: 'text/x.tlog.size' };
    if (!isConsistent(seen, { size, root }, hashes)) return { status: 422, text: '' };
    seen = { size, root };
    const line = cosign(note.text, key, (data) => sign(null, data, pair.privateKey), new Date());
    return { status: 200, text: formatSignatureLine(line) };
  };
  const witness: TestWitness = { url: '', key, seen: () => seen, answers, isUp: true };
  const server = createServer((request, reply) => {
    if (!witness.isUp) {
      request.socket.destroy();
      return;
    }
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const isAsked = request.method === 'POST' && request.url === '/submit/add-checkpoint';
      const { status, text, type = 'text/plain' } = isAsked ? answerTo(body) : { status: 404, text: '' };
      answers.push(status);
      reply.writeHead(status, { 'content-type': type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(witness, { url: `http://127.0.0.1:${port}/submit` });
}
