import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maskCode } from './mask-code.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a checkout does not hold, whatever lies around in the working folder. */
const notTracked = new Set(['node_modules', 'data', 'dist', '.git']);

export interface TextFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface SourceFile extends TextFile {
  /** Comments and the insides of strings blanked out; same length and lines. */
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Import {
  readonly from: string;
  readonly line: number;
  readonly isTypeOnly: boolean;
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Every file under the folders (the whole repository by default) that a checkout holds, sorted. */
export async function listFiles(folder = ''): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !notTracked.has(entry.name) && !entry.name.endsWith('.log'))
      .map((entry) => {
        const path = posix.join(folder, entry.name);
        return entry.isDirectory() ? listFiles(path) : Promise.resolve([path]);
      }),
  );
  return nested.flat().sort();
}

export async function readText(path: string): Promise<TextFile> {
  return { path, text: await readFile(join(root, path), 'utf8') };
}

/** All TypeScript of the repository. */
export async function readSources(): Promise<SourceFile[]> {
  const paths = (await listFiles()).filter((path) => /\.tsx?$/.test(path));
  return Promise.all(paths.map(async (path) => sourceFile(path, (await readText(path)).text)));
}

/** One file read from memory: also how a test plants a violation. */
export function sourceFile(path: string, text: string): SourceFile {
  const { code, withStrings } = maskCode(text);
  return { path, text, code, imports: importsOf(code, withStrings) };
}

const importForms = [
  /\b(?<word>import|export)\s+(?<clause>(?:type\s+)?[^'"`;()=]*?)\bfrom\s*(?<quote>['"])(?<from>[^'"]*)\k<quote>/g,
  /\b(?<word>import)\s*(?<clause>)(?<quote>['"])(?<from>[^'"]*)\k<quote>/g,
  /\b(?<word>import)\s*\(\s*(?<clause>)(?<quote>['"`])(?<from>[^'"`]*)\k<quote>/g,
];

function importsOf(code: string, withStrings: string): Import[] {
  const found: Import[] = [];
  for (const form of importForms) {
    for (const match of withStrings.matchAll(form)) {
      const { word = '', clause = '', from = '' } = match.groups ?? {};
      // A match inside a string is blank in the masked text.
      if (code.slice(match.index, match.index + word.length) !== word) continue;
      const line = withStrings.slice(0, match.index).split('\n').length;
      found.push({ from, line, isTypeOnly: isTypeOnly(clause) });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

function isTypeOnly(clause: string): boolean {
  if (/^type\s/.test(clause)) return true;
  const braces = /^\{([\s\S]*)\}\s*$/.exec(clause.trim());
  if (braces === null) return false;
  const names = (braces[1] ?? '').split(',').map((name) => name.trim());
  return names.every((name) => name === '' || name.startsWith('type '));
}

export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

export function isTest(path: string): boolean {
  return path.startsWith('tests/') || /\.test\.tsx?$/.test(path);
}
