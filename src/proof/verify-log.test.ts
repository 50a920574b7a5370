import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type MadeLog, makeLog } from '../../bench/made-log.ts';
import { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import type { Finding } from './findings.ts';
import { formatMissing } from './log-entry.ts';
import { formatBundle, leafHashesOf, parseBundle } from './tiles.ts';
import { LogVerifier, type Verification } from './verify-log.ts';

type Files = MadeLog['files'];

function verify(log: MadeLog, files: Files = log.files, earlier: readonly string[] = []): Verification {
  const opened = openCheckpoint(log.checkpoint, [log.key]);
  if (opened.kind === 'bad') throw new Error(opened.reason);
  const verifier = new LogVerifier(opened.value, { keys: [log.key], earlier });
  for (const { name, bytes } of files) verifier.take(name, bytes);
  return verifier.finish();
}

/** The files with the entries of one bundle changed; the hashes stay as they were sealed. */
function withEntries(log: MadeLog, index: number, change: (entries: Buffer[]) => Buffer[]): Files {
  let seen = -1;
  return log.files.map((file) => {
    if (!file.name.startsWith('tile/entries/')) return file;
    seen += 1;
    if (seen !== index) return file;
    return { ...file, bytes: formatBundle(change(entriesOf(file.bytes))) };
  });
}

function entriesOf(bytes: Buffer): Buffer[] {
  const parsed = parseBundle(bytes);
  if (parsed.kind === 'bad') throw new Error(parsed.reason);
  return parsed.value.map((entry) => Buffer.from(entry));
}

const brief = ({ kind, position, id }: Finding) => [kind, position, id];
const log = makeLog(1000);

describe('verifying a log', () => {
  it('finds nothing in logs of every size that were left alone', () => {
    for (const size of [1, 2, 255, 256, 257, 512, 1000, 65_536, 65_537 + 300]) {
      const found = verify(makeLog(size));
      assert.deepEqual(found.findings, []);
      assert.equal(found.checked, size);
    }
  });

  it('names the row that was changed', () => {
    const files = withEntries(log, 2, (entries) =>
      entries.with(7, Buffer.from((entries[7] ?? '').toString().replace('Robin', 'Robyn'))),
    );
    assert.deepEqual(verify(log, files).findings.map(brief), [['changed', 2 * 256 + 7, '520']]);
  });

  it('names the row that was removed, however it was done', () => {
    const position = 256 + 9;
    const gone = withEntries(log, 1, (entries) => entries.toSpliced(9, 1));
    assert.deepEqual(verify(log, gone).findings.map(brief), [['removed', position, undefined]]);
    const marked = withEntries(log, 1, (entries) =>
      entries.with(9, formatMissing('audit', '266', Buffer.alloc(16))),
    );
    assert.deepEqual(verify(log, marked).findings.map(brief), [['removed', position, '266']]);
    const empty = withEntries(log, 1, (entries) => entries.with(9, Buffer.alloc(0)));
    assert.deepEqual(verify(log, empty).findings.map(brief), [['removed', position, undefined]]);
  });

  it('names the row that was put in', () => {
    const added = Buffer.from('{"id":"5000","row":{},"salt":"00","source":"audit"}');
    const files = withEntries(log, 3, (entries) => entries.toSpliced(4, 0, added));
    assert.deepEqual(verify(log, files).findings.map(brief), [['inserted', 768, '5000']]);
    const doubled = withEntries(log, 3, (entries) => entries.toSpliced(4, 0, entries[2] ?? added));
    assert.deepEqual(verify(log, doubled).findings.map(brief), [['inserted', 768, '771']]);
  });

  it('names rows that changed places, within a bundle and between two', () => {
    const within = withEntries(log, 0, (entries) =>
      entries.with(10, entries[20] ?? Buffer.alloc(0)).with(20, entries[10] ?? Buffer.alloc(0)),
    );
    const found = verify(log, within).findings;
    assert.ok(found.length >= 1 && found.every((finding) => finding.kind === 'moved'), JSON.stringify(found));
    const [first, second] = [0, 2].map((index) => entriesOf(bundleAt(log, index))[5] ?? Buffer.alloc(0));
    const swapped = withEntries(log, 0, (entries) => entries.with(5, second ?? Buffer.alloc(0)));
    const both = withEntries({ ...log, files: swapped }, 2, (entries) =>
      entries.with(5, first ?? Buffer.alloc(0)),
    );
    assert.deepEqual(verify(log, both).findings.map(brief), [
      ['moved', 5, '518'],
      ['moved', 517, '6'],
    ]);
  });

  it('names a missing end, a missing file and a file of another size', () => {
    const cut = log.files.slice(0, 4);
    assert.deepEqual(verify(log, cut).findings.map(brief), [['truncated', 512, undefined]]);
    const withoutHashes = log.files.filter(({ name }) => name !== 'tile/0/001');
    assert.deepEqual(verify(log, withoutHashes).findings.map(brief), [['file', 256, undefined]]);
    const withoutEntries = log.files.filter(({ name }) => name !== 'tile/entries/001');
    assert.deepEqual(verify(log, withoutEntries).findings.map(brief), [['removed', 256, undefined]]);
    const short = log.files.map((file) =>
      file.name === 'tile/0/001' ? { ...file, bytes: file.bytes.subarray(32) } : file,
    );
    assert.equal(verify(log, short).findings[0]?.kind, 'file');
  });

  it('names where hashes were replaced together with their rows', () => {
    const forged = makeLog(1000);
    // Rows and hashes of one bundle from another history: they fit each other and not the tree.
    const other = withEntries(forged, 1, (entries) =>
      entries.with(3, Buffer.from('{"id":"260","row":{},"salt":"00","source":"audit"}')),
    );
    const entries = entriesOf(
      other.filter(({ name }) => name.startsWith('tile/entries'))[1]?.bytes ?? Buffer.alloc(0),
    );
    const rehashed = other.map((file) =>
      file.name === 'tile/0/001' ? { ...file, bytes: leafHashesOf(entries) } : file,
    );
    const found = verify(forged, rehashed).findings;
    assert.deepEqual(found.map(brief), [
      ['hashes', 256, undefined],
      ['history', undefined, undefined],
    ]);
  });

  it('knows whether the log continues an earlier checkpoint', () => {
    const early = (size: number, of = log) => {
      const parsed = parseCheckpoint(makeLog(size).checkpoint);
      const root = parsed.kind === 'ok' ? parsed.value.root : Buffer.alloc(32);
      return signCheckpoint({ origin: log.key.name, size, root }, of.key, of.sign);
    };
    const found = verify(log, log.files, [early(1), early(300), early(512), early(1000)]);
    assert.deepEqual(found.findings, []);
    assert.deepEqual(found.continued, [1, 300, 512, 1000]);
    const forged = signCheckpoint(
      { origin: log.key.name, size: 300, root: Buffer.alloc(32) },
      log.key,
      log.sign,
    );
    const later = signCheckpoint(
      { origin: log.key.name, size: 2000, root: Buffer.alloc(32) },
      log.key,
      log.sign,
    );
    const broken = verify(log, log.files, [forged, later]).findings;
    assert.deepEqual(
      broken.map(({ message }) => message.split(':')[0]),
      ['The log was rewritten', 'The log was set back'],
    );
  });

  it('takes rows beside the log and rows that were gone before they were sealed for what they are', () => {
    const strays = Buffer.from(JSON.stringify({ rows: [{ source: 'audit', id: '77' }], pending: 3 }));
    const found = verify(log, [...log.files, { name: 'strays.json', bytes: strays }]);
    assert.deepEqual(found.findings.map(brief), [['inserted', undefined, '77']]);
    assert.equal(found.pending, 3);
    assert.equal(
      verify(log, [...log.files, { name: 'strays.json', bytes: Buffer.from('{}') }]).findings[0]?.kind,
      'file',
    );
  });

  it('never finds a log sound that was harmed anywhere', () => {
    const small = makeLog(600);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (fileSeed, byteSeed, flip) => {
        const at = fileSeed % small.files.length;
        const files = small.files.map((file, index) => {
          if (index !== at) return file;
          const bytes = Buffer.from(file.bytes);
          const place = byteSeed % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          return { ...file, bytes };
        });
        assert.ok(verify(small, files).findings.length > 0);
      }),
      { numRuns: 60 },
    );
  });

  it('takes whatever files there are without throwing', () => {
    const name = fc.constantFrom(
      'tile/entries/000',
      'tile/0/000',
      'tile/1/000.p/3',
      'tile/0/003.p/232',
      'strays.json',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 100 }))), (given) => {
        const files = given.map(([each, bytes]) => ({ name: each, bytes: Buffer.from(bytes) }));
        assert.ok(verify(log, files).findings.length > 0);
      }),
    );
  });
});

function bundleAt(of: MadeLog, index: number): Buffer {
  const bundles = of.files.filter(({ name }) => name.startsWith('tile/entries/'));
  return bundles[index]?.bytes ?? Buffer.alloc(0);
}
