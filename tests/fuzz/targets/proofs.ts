import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { certificateType, checkCertificate } from '#proof/certificate';
import { parseCheckpoint } from '#proof/checkpoint';
import { parseEntry } from '#proof/log-entry';
import { parseNote, parseVerifierKey, verifierKeyOf } from '#proof/note';
import { checkReceipt, readKeys, receiptType } from '#proof/receipt';
import { checkReportProof, formatReportProof, keysWithin, olderCheckpointIn } from '#proof/report-proof';
import { readTar, tarEnd, tarFile } from '#proof/tar';
import { parseBundle, parseTilePath } from '#proof/tiles';
import { parseProof } from '#proof/tlog-proof';
import { parseAddCheckpoint, parseSizeAnswer } from '#proof/witness-request';
import { must, type Target } from '../target.ts';

/** The private key of RFC 8032 section 7.1, test 1: public knowledge, for invented proofs only. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const publicKey: KeyObject = createPublicKey(privateKey);
const keys = new Map([['k', publicKey]]);
const verifier = verifierKeyOf('bureau.example/log', publicKey);

function base64url(data: Buffer | string): string {
  return Buffer.from(data as string).toString('base64url');
}

/** A JWS that verifies, whatever its payload is. */
function signed(type: string, payload: Buffer): string {
  const head = base64url(JSON.stringify({ alg: 'EdDSA', kid: 'k', typ: type, cty: 'json' }));
  const body = `${head}.${base64url(payload)}`;
  return `${body}.${base64url(sign(null, Buffer.from(body), privateKey))}`;
}

const receipt = JSON.stringify({
  version: 1,
  bureau: { name: 'B', keyName: 'bureau.example/log' },
  reportId: '1000001',
  reference: 'FL-2026-1000001',
  service: { id: 's', name: 'S' },
  environment: 'sandbox',
  profile: 'cybertip',
  openedAt: '2026-01-01T00:00:00.000Z',
  filedAt: '2026-01-01T00:00:00.000Z',
  document: { sha256: '0'.repeat(64) },
  files: [{ fileId: 'a'.repeat(32), sizeBytes: 1, md5: '0'.repeat(32), sha256: '0'.repeat(64) }],
  warnings: [],
});
const note = `bureau.example/log\n1\n${Buffer.alloc(32).toString('base64')}\n\n\u2014 bureau.example/log ${Buffer.alloc(68).toString('base64')}\n`;
const words = [
  '.',
  '{',
  '}',
  '"',
  ':',
  ',',
  '[',
  ']',
  '\n',
  '\u2014 ',
  '+',
  'c2sp.org/tlog-proof@v1',
  'index ',
  'old ',
  'extra ',
  'AAAA',
  '"version":1',
  '"files":[]',
  'null',
  '{}',
];

export const proofTargets: readonly Target[] = [
  {
    name: 'signed-papers',
    what: 'receipts, destruction certificates and key sets, as sent and with a good signature over anything',
    seeds: [
      receipt,
      signed(receiptType, Buffer.from(receipt)),
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] }),
      '{"version":1,"bureau":{"name":"B"},"report":{"id":"1","reference":"r"},"basis":{"law":"l"},"erasedAt":"x","certifiedAt":"x","approvedBy":[],"files":[],"removed":{},"remains":[]}',
    ],
    words,
    mostBytes: 50_000,
    run: async (input) => {
      const text = input.toString('utf8');
      checkReceipt(text, keys);
      checkReceipt(signed(receiptType, input), keys);
      await checkCertificate(text, keys);
      await checkCertificate(signed(certificateType, input), keys);
      readKeys(text);
      const head = base64url(input);
      checkReceipt(`${head}.e30.AAAA`, keys);
      await checkCertificate(`${head}.e30.AAAA`, keys);
    },
  },
  {
    name: 'log-papers',
    what: 'notes, checkpoints, proofs, tiles, entries and witness requests of the audit log',
    seeds: [
      note,
      `c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n${note}`,
      `old 0\n\n${note}`,
      'tile/0/x001/234.p/7',
      formatReportProof({
        report: '1000001',
        checkpoint: note,
        verifierKeys: [],
        items: [{ position: 0, entry: '{}', hashes: [] }],
        unsealed: 0,
      }),
      '{"salt":"AAAA","source":"audit","id":"1"}',
      Buffer.from([0, 3, 1, 2, 3]),
    ],
    words,
    mostBytes: 50_000,
    run: (input) => {
      const text = input.toString('utf8');
      parseNote(text);
      parseVerifierKey(text);
      parseCheckpoint(text);
      const size = parseSizeAnswer(text);
      must(size === undefined || size >= 0, 'a size is one');
      parseAddCheckpoint(text);
      parseProof(text);
      parseTilePath(text);
      parseBundle(input);
      parseEntry(input);
      keysWithin(text);
      checkReportProof(text, [verifier]);
      olderCheckpointIn(text);
    },
  },
  {
    name: 'archives',
    what: 'archives of exports that are verified offline',
    seeds: [
      Buffer.concat([
        tarFile('checkpoint', Buffer.from(note)),
        tarFile('tile/0/000', Buffer.alloc(600)),
        tarEnd(),
      ]),
    ],
    words: ['ustar', '0000644', '00000000001', '77777777777', '\u0000'],
    mostBytes: 20_000,
    run: async (input) => {
      try {
        let size = 0;
        for await (const file of readTar(pieces(input))) size += file.bytes.length;
        must(size <= input.length, 'an archive holds no more than its own bytes');
      } catch (error) {
        // What `readTar` says that it throws.
        const isDeclared =
          error instanceof Error && /^The archive (is damaged|ends too early)\.$/.test(error.message);
        if (!isDeclared) throw error;
      }
    },
  },
];

async function* pieces(input: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < input.length; at += 700) yield input.subarray(at, at + 700);
}
