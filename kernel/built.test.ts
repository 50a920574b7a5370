import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));

describe('what is built', () => {
  for (const name of ['pdq', 'match']) {
    it(`is what the source of ${name} builds to; otherwise run: npm run build:kernel`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'firstlight-kernel-'));
      try {
        const built = join(folder, 'built.wasm');
        const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
        const config = `kernel/${name}.asconfig.json`;
        const words = [asc, `kernel/assembly/${name}.ts`, '--config', config, '--outFile', built];
        await promisify(execFile)(process.execPath, words, { cwd: root });
        assert.deepEqual(await readFile(built), await readFile(join(root, `kernel/${name}.wasm`)));
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
