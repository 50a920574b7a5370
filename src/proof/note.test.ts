import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatCheckpointText, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { cosign, openCosignatures } from './cosignature.ts';
import { emptyRoot, leafHash } from './merkle.ts';
import {
  checkEd25519,
  formatNote,
  formatVerifierKey,
  noteSignatureTypes,
  openNote,
  parseNote,
  parseVerifierKey,
  publicKeyFrom,
  type VerifierKey,
  verifierKeyOf,
} from './note.ts';
import { formatProof, parseProof, verifyProof } from './tlog-proof.ts';
import { formatAddCheckpoint, parseAddCheckpoint, parseSizeAnswer } from './witness-request.ts';

/** The key pair with which Go tests its checksum database: the verifier key, and the Base64 within the signer key. */
const goKey = 'localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6';
const goSeed = 'AXu6+oaVaOYuQOFrf1V59JK1owcFlJcHwwXHDfDGxSPk';

interface Signer {
  readonly key: VerifierKey;
  readonly sign: (data: Uint8Array) => Buffer;
}

function newSigner(name: string, type = noteSignatureTypes.ed25519 as VerifierKey['type']): Signer {
  const pair = generateKeyPairSync('ed25519');
  return {
    key: verifierKeyOf(name, pair.publicKey, type),
    sign: (data) => sign(null, data, pair.privateKey),
  };
}

const log = newSigner('log.example/audit');
const stranger = newSigner('log.example/audit');
const witness = newSigner('witness.example/w1', noteSignatureTypes.cosignature);

function okOf<T>(parsed: { kind: 'ok'; value: T } | { kind: 'bad'; reason: string }): T {
  assert.equal(parsed.kind, 'ok', parsed.kind === 'bad' ? parsed.reason : '');
  return (parsed as { value: T }).value;
}

describe('signed notes', () => {
  it('are signed with keys as Go writes them', () => {
    const key = okOf(parseVerifierKey(goKey));
    assert.equal(formatVerifierKey(key), goKey);
    const pkcs8 = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from(goSeed, 'base64').subarray(1),
    ]);
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    assert.deepEqual(verifierKeyOf(key.name, createPublicKey(privateKey)), key);
    const text = 'go.sum database tree\n1\n';
    const signature = sign(null, Buffer.from(text), privateKey);
    const note = { text, signatures: [{ name: key.name, keyHash: key.keyHash, signature }] };
    assert.deepEqual(okOf(parseNote(formatNote(note))), note);
    assert.equal(okOf(openNote(note, [key])).length, 1);
    assert.equal(openNote({ ...note, text: `${text}\n` }, [key]).kind, 'bad');
  });

  it('verify what RFC 8032 section 7.1 signs in its second test', () => {
    const raw = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
    const key = verifierKeyOf('rfc8032.example', publicKeyFrom(raw));
    const signature = Buffer.from(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      'hex',
    );
    assert.deepEqual(checkEd25519(key, 'r', signature), {});
    assert.equal(checkEd25519(key, 's', signature), undefined);
  });

  it('refuse a verifier key that was copied wrongly', () => {
    for (const wrong of [
      '',
      'name',
      goKey.replace('00000c67', '00000c68'),
      goKey.replace('sumdb', 'sumbd'),
      goKey.replace('AcTr', 'AcTs'),
      `${goKey}=`,
      goKey.replace('+00', ' 00'),
    ])
      assert.equal(parseVerifierKey(wrong).kind, 'bad', wrong);
    for (const signer of [log, witness])
      assert.deepEqual(okOf(parseVerifierKey(formatVerifierKey(signer.key))), signer.key);
  });

  it('reading whatever text never throws, and what was read is written the same', () => {
    const line = fc.constantFrom('— a AAAAAAA=', '— a b', '', 'text', '— a x08go/ZJ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(line).map((lines) => `${lines.join('\n')}\n`),
        ),
        (text) => {
          const parsed = parseNote(text);
          if (parsed.kind === 'ok') assert.equal(formatNote(parsed.value), text);
          parseCheckpoint(text);
          parseVerifierKey(text);
          parseProof(text);
          parseAddCheckpoint(text);
        },
      ),
    );
  });
});

describe('checkpoints', () => {
  const checkpoint = { origin: log.key.name, size: 1, root: leafHash(Buffer.from('entry')) };
  const signed = signCheckpoint(checkpoint, log.key, log.sign);

  it('are the log’s own or nothing', () => {
    const opened = okOf(openCheckpoint(signed, [log.key]));
    assert.equal(opened.size, 1);
    assert.deepEqual(opened.root, checkpoint.root);
    assert.equal(openCheckpoint(signed, [stranger.key]).kind, 'bad');
    assert.equal(openCheckpoint(signed.replace('\n1\n', '\n2\n'), [log.key]).kind, 'bad');
    const otherOrigin = signCheckpoint({ ...checkpoint, origin: 'other.example' }, log.key, log.sign);
    assert.equal(openCheckpoint(otherOrigin, [log.key]).kind, 'bad');
  });

  it('take every size and root', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
        const text = signCheckpoint(
          { origin: log.key.name, size, root: Buffer.from(root) },
          log.key,
          log.sign,
        );
        const opened = okOf(openCheckpoint(text, [log.key]));
        assert.equal(opened.size, size);
        assert.deepEqual(opened.root, Buffer.from(root));
      }),
      { numRuns: 30 },
    );
  });

  it('are cosigned with the time', () => {
    const at = new Date('2026-11-24T12:00:00.900Z');
    const text = formatCheckpointText(checkpoint);
    const line = cosign(text, witness.key, witness.sign, at);
    const note = okOf(parseNote(signed));
    const both = { ...note, signatures: [...note.signatures, line] };
    // Who knows the log's key only is not disturbed by the witness, and the other way round.
    assert.equal(okOf(openCheckpoint(formatNote(both), [log.key])).size, 1);
    const [found] = okOf(openCosignatures(both, [witness.key]));
    assert.equal(found?.atSeconds, Math.floor(at.getTime() / 1000));
    const later = Buffer.from(line.signature);
    later.writeBigUInt64BE(BigInt(found?.atSeconds ?? 0) + 1n);
    assert.equal(
      openCosignatures({ ...note, signatures: [{ ...line, signature: later }] }, [witness.key]).kind,
      'bad',
    );
    assert.equal(openCosignatures(note, [witness.key]).kind, 'bad');
  });
});

describe('proofs in files', () => {
  it('say with the entry and the log’s key whether it was logged', () => {
    const entry = Buffer.from('an entry');
    const checkpoint = signCheckpoint(
      { origin: log.key.name, size: 1, root: leafHash(entry) },
      log.key,
      log.sign,
    );
    const text = formatProof({ extra: entry, index: 0, hashes: [], checkpoint });
    const proof = okOf(parseProof(text));
    assert.deepEqual(proof, { extra: entry, index: 0, hashes: [], checkpoint });
    assert.equal(okOf(verifyProof(proof, entry, [log.key])).size, 1);
    assert.equal(verifyProof(proof, Buffer.from('another'), [log.key]).kind, 'bad');
    assert.equal(verifyProof({ ...proof, index: 1 }, entry, [log.key]).kind, 'bad');
    assert.equal(verifyProof(proof, entry, [stranger.key]).kind, 'bad');
  });

  it('are read as they were written', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(hash, { maxLength: 63 }),
        fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined }),
        (index, hashes, extra) => {
          const checkpoint = signCheckpoint({ origin: 'o', size: 1, root: emptyRoot }, log.key, log.sign);
          const proof = { index, hashes, checkpoint };
          const whole = extra === undefined ? proof : { ...proof, extra: Buffer.from(extra) };
          assert.deepEqual(okOf(parseProof(formatProof(whole))), whole);
          const request = { oldSize: index, hashes, checkpoint };
          assert.deepEqual(okOf(parseAddCheckpoint(formatAddCheckpoint(request))), request);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('have no second spelling', () => {
    const checkpoint = signCheckpoint({ origin: 'o', size: 1, root: emptyRoot }, log.key, log.sign);
    const text = formatProof({ index: 0, hashes: [emptyRoot], checkpoint });
    for (const wrong of [
      text.replace('index 0', 'index 00'),
      text.replace('index 0', 'index -1'),
      text.replace('@v1', '@v2'),
      text.replace(emptyRoot.toString('base64'), emptyRoot.toString('base64').replace('=', '')),
      text.replace(emptyRoot.toString('base64'), 'AAAA'),
    ])
      assert.equal(parseProof(wrong).kind, 'bad', wrong);
    assert.equal(parseSizeAnswer('12\n'), 12);
    for (const wrong of ['12', '012\n', '\n', 'x\n']) assert.equal(parseSizeAnswer(wrong), undefined);
  });
});
