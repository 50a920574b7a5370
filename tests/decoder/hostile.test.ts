import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { Decoder } from '#decoder';
import { aDecoder, claimedPng, everyFormat, look } from './decoder-build.ts';

let decoder: Decoder;

before(() => {
  decoder = aDecoder();
});
after(() => decoder.stop());

describe('hostile files', () => {
  it('hashes what is left of a file that is cut off, or says that nothing can be read', async () => {
    let partial = 0;
    for (const [mediaType, bytes] of Object.entries(await everyFormat())) {
      for (const share of [0.02, 0.3, 0.6, 0.95]) {
        const cut = bytes.subarray(0, Math.max(16, Math.floor(bytes.length * share)));
        const verdict = await look(decoder, cut);
        assert.ok(verdict.kind === 'picture' || verdict.kind === 'unreadable', `${mediaType} ${share}`);
        if (verdict.kind === 'picture') {
          assert.ok(verdict.isPartial, `${mediaType} cut at ${share} is not called whole`);
          partial += 1;
        } else {
          assert.match(verdict.reason, /^[A-Z].*\.$/);
        }
      }
    }
    assert.ok(partial >= 4, `${partial} cut files were still hashed`);
  });

  it('survives noise behind the first bytes of every kind', async () => {
    for (const [mediaType, bytes] of Object.entries(await everyFormat())) {
      const noisy = Buffer.concat([bytes.subarray(0, 64), randomBytes(3000)]);
      const verdict = await look(decoder, noisy);
      assert.notEqual(verdict.kind, 'killed-decoder', `${mediaType}: ${JSON.stringify(verdict)}`);
    }
    assert.equal((await look(decoder, (await everyFormat())['image/png']!)).kind, 'picture');
  });

  it('refuses pictures that are too large before it unpacks them', async () => {
    for (const [width, height] of [
      [60_000, 60_000],
      [30_001, 1],
      [20_000, 20_000],
      [2 ** 31 - 1, 2 ** 31 - 1],
    ] as const) {
      const verdict = await look(decoder, claimedPng(width, height));
      assert.equal(verdict.kind, 'unreadable', `${width} x ${height}`);
    }
    const header = Buffer.alloc(54);
    header.write('BM');
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(0x7fffffff, 18);
    header.writeInt32LE(-0x80000000, 22);
    header.writeUInt16LE(24, 28);
    assert.equal((await look(decoder, header)).kind, 'unreadable');
  });

  it('unpacks the largest picture that is allowed within its memory', { timeout: 120_000 }, async () => {
    const rows = deflateSync(Buffer.alloc(10_001 * 10_000));
    const verdict = await look(decoder, claimedPng(10_000, 10_000, rows));
    assert.equal(verdict.kind, 'picture', JSON.stringify(verdict));
  });

  it('gives flat and tiny pictures a quality of 0', async () => {
    const flat = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#808080' } })
        .png()
        .toBuffer();
    for (const [width, height] of [
      [1, 1],
      [30_000, 1],
      [1, 30_000],
      [200, 200],
    ] as const) {
      const verdict = await look(decoder, await flat(width, height));
      assert.equal(verdict.kind, 'picture');
      assert.ok(verdict.kind === 'picture' && verdict.hashes[0]!.quality === 0, `${width} x ${height}`);
    }
  });

  it('never renders a drawing, and asks nobody for what it refers to', async () => {
    let asked = 0;
    const server = createServer((_, answer) => {
      asked += 1;
      answer.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="http://127.0.0.1:${port}/x.png" width="9" height="9"/></svg>`;
    for (const bytes of [Buffer.from(svg), Buffer.from(`\ufeff<!-- x -->\n${svg.slice(21)}`)]) {
      const verdict = await look(decoder, bytes);
      assert.deepEqual([verdict.kind, verdict.mediaType], ['not-a-picture', 'image/svg+xml']);
    }
    assert.equal(asked, 0);
    server.close();
  });

  it('opens no archive, and takes nothing for a picture that is none', async () => {
    const archive = Buffer.concat([Buffer.from('504b0304', 'hex'), deflateSync(Buffer.alloc(10_000_000))]);
    const kinds: readonly (readonly [Buffer, string, string])[] = [
      [archive, 'not-a-picture', 'application/zip'],
      [Buffer.alloc(0), 'not-a-picture', 'application/octet-stream'],
      [Buffer.from('hello'), 'not-a-picture', 'text/plain'],
      [Buffer.from('%PDF-1.7\n'), 'not-a-picture', 'application/pdf'],
      [
        Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), randomBytes(500)]),
        'not-sampled',
        'video/mp4',
      ],
      [Buffer.concat([Buffer.from('ID3\x04'), randomBytes(500)]), 'not-sampled', 'audio/mpeg'],
    ];
    for (const [bytes, kind, mediaType] of kinds) {
      const verdict = await look(decoder, bytes);
      assert.deepEqual([verdict.kind, verdict.mediaType], [kind, mediaType]);
    }
    assert.equal((await look(decoder, Buffer.alloc(0))).kind, 'not-a-picture');
  });
});
