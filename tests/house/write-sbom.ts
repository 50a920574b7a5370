import { writeFile } from 'node:fs/promises';
import { billOfMaterials, type Lockfile } from './bill-of-materials.ts';
import { readRepositoryFile } from './source-files.ts';

/** Writes `docs/sbom.cdx.json`: run it after a change of what is installed. */
const lock = JSON.parse(await readRepositoryFile('package-lock.json')) as Lockfile;
const text = `${JSON.stringify(billOfMaterials(lock), undefined, 1)}\n`;
await writeFile(new URL('../../docs/sbom.cdx.json', import.meta.url), text);
