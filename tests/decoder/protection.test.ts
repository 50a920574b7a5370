import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { createDecoder, probeProtection, usualLimits } from '#decoder';
import { aDecoder, claimedPng, look, picture } from './decoder-build.ts';

const run = promisify(execFile);
const path = process.env.PATH ?? '';

/** What a decoder that was taken over could do: runs this where a child would run. */
async function asChild(code: string): Promise<string> {
  const { command } = await probeProtection(path, usualLimits);
  const [program, ...rest] = command;
  const { stdout } = await run(program, [...rest.slice(0, -1), '-e', code], { env: {} });
  return stdout.trim();
}

describe('a decoder that breaks', () => {
  it('reaches neither files nor other programs', async () => {
    const tried = await asChild(`
      const tries = {
        read: () => require('fs').readFileSync('/etc/passwd'),
        list: () => require('fs').readdirSync('/'),
        write: () => require('fs').writeFileSync('/tmp/firstlight-escape', 'x'),
        start: () => require('child_process').execFileSync('/bin/true'),
      };
      const out = {};
      for (const [name, attempt] of Object.entries(tries)) {
        try { attempt(); out[name] = 'did'; } catch (error) { out[name] = error.code; }
      }
      console.log(JSON.stringify(out), Object.keys(process.env).filter((name) => name !== 'PWD').length);`);
    const [out = '', names = ''] = tried.split(' ');
    for (const [name, code] of Object.entries(JSON.parse(out) as Record<string, string>))
      assert.notEqual(code, 'did', name);
    assert.equal(names, '0');
  });

  it('reaches no network where the machine can take it away', async (t) => {
    const { level } = await probeProtection(path, usualLimits);
    if (level === 'process') return t.skip('this machine has no namespaces for users');
    let asked = 0;
    const server = createServer(() => {
      asked += 1;
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const said = await asChild(`
      const socket = require('net').connect(${port}, '127.0.0.1');
      socket.on('connect', () => { console.log('connected'); socket.end(); });
      socket.on('error', (error) => console.log(error.code));`);
    server.close();
    assert.notEqual(said, 'connected');
    assert.equal(asked, 0);
  });

  it('is told from one that somebody else ended: the file is tried once more', {
    timeout: 60_000,
  }, async () => {
    const decoder = aDecoder({}, 1);
    const large = claimedPng(9_000, 9_000, deflateSync(Buffer.alloc(9_001 * 9_000)));
    const looking = look(decoder, large);
    let ended = 0;
    for (let waited = 0; waited < 400 && ended === 0; waited += 1) {
      await sleep(25);
      for (const pid of decoder.pids()) {
        process.kill(pid, 'SIGKILL');
        ended += 1;
      }
    }
    assert.equal(ended, 1);
    // Ended before it was up: that is no word about the file, and whoever asked tries again.
    const verdict = await looking.catch(async () => await look(decoder, large));
    assert.equal(verdict.kind, 'picture', JSON.stringify(verdict));
    await decoder.stop();
  });

  it('marks a file that hangs or ends it twice, and goes on with the next', { timeout: 60_000 }, async () => {
    const decoder = aDecoder({ timeoutMs: 5 }, 1);
    const large = claimedPng(9_000, 9_000, deflateSync(Buffer.alloc(9_001 * 9_000)));
    const verdict = await look(decoder, large);
    assert.deepEqual(verdict, {
      kind: 'killed-decoder',
      mediaType: 'image/png',
      reason: 'The decoder took longer than 0.005 seconds, twice.',
    });
    assert.equal((await look(decoder, Buffer.from('text'))).kind, 'not-a-picture');
    assert.deepEqual(decoder.pids().length <= 1, true);
    await decoder.stop();
    assert.equal(decoder.pids().length, 0);
  });

  it('is held to its memory', { timeout: 90_000 }, async (t) => {
    const { hasLimits } = await probeProtection(path, usualLimits);
    if (!hasLimits) return t.skip('this machine has no prlimit');
    const decoder = aDecoder({ memoryBytes: 700 * 1024 * 1024 }, 1);
    const large = claimedPng(10_000, 10_000, deflateSync(Buffer.alloc(10_001 * 10_000)));
    const verdict = await look(decoder, large);
    assert.ok(verdict.kind === 'unreadable' || verdict.kind === 'killed-decoder', JSON.stringify(verdict));
    assert.equal((await look(decoder, await picture().png().toBuffer())).kind, 'picture');
    await decoder.stop();
  });

  it('gives way to a fresh one after so many files', async () => {
    const decoder = aDecoder({ filesEach: 2 }, 1);
    const bytes = await picture().png().toBuffer();
    const seen = new Set<number>();
    for (let file = 0; file < 5; file += 1) {
      assert.equal((await look(decoder, bytes)).kind, 'picture');
      for (const pid of decoder.pids()) seen.add(pid);
    }
    assert.ok(seen.size >= 2, `${seen.size} processes`);
    await decoder.stop();
  });

  it('decodes nothing with less protection than was asked for', async () => {
    const decoder = createDecoder({ processes: 1, path: '', least: 'bubblewrap' });
    assert.equal((await decoder.protection()).level, 'process');
    const bytes = await picture().png().toBuffer();
    await assert.rejects(look(decoder, bytes), /less protection than bubblewrap/);
    await decoder.stop();
  });
});
