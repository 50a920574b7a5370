import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadStaticFiles } from '#platform/static-files';

test('every text of the console says how it is encoded, its icon too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-static-'));
  try {
    const names = ['index.html', 'code.js', 'look.css', 'icon.svg'];
    for (const name of names) await writeFile(join(folder, name), 'x');
    const files = await loadStaticFiles(folder);
    for (const name of names)
      assert.match(files.get(`/${name}`)?.contentType ?? '', /; charset=utf-8$/, name);
  } finally {
    await rm(folder, { recursive: true });
  }
});
