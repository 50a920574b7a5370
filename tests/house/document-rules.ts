import { posix } from 'node:path';
import type { TextFile } from './source-files.ts';

export interface CodeRow {
  readonly code: string;
  readonly status: number;
  readonly sentence: string;
}

/** The rows of the tables of docs/errors.md: code, status, sentence. */
export function documentedCodes(markdown: string): CodeRow[] {
  return [...markdown.matchAll(/^\| `([a-z0-9.-]+)` \| (\d{3}) \| (.+?) \|$/gm)].map(
    ([, code = '', status, sentence = '']) => ({
      code,
      status: Number(status),
      sentence,
    }),
  );
}

/** One sentence for every code that the code and the page do not have alike. */
export function codeDifferences(inCode: readonly CodeRow[], inPage: readonly CodeRow[]): string[] {
  const missing = inCode.filter(({ code }) => !inPage.some((row) => row.code === code));
  const extra = inPage.filter(({ code }) => !inCode.some((row) => row.code === code));
  const twice = inPage.filter((row, index) => inPage.findIndex(({ code }) => code === row.code) !== index);
  const changed = inCode.filter((row) =>
    inPage.some(
      ({ code, status, sentence }) =>
        code === row.code && (status !== row.status || sentence !== row.sentence),
    ),
  );
  return [
    ...missing.map((row) => `docs/errors.md lacks: | \`${row.code}\` | ${row.status} | ${row.sentence} |`),
    ...extra.map(({ code }) => `docs/errors.md has ${code}, which no codes.ts has`),
    ...twice.map(({ code }) => `docs/errors.md has ${code} twice`),
    ...changed.map((row) => `docs/errors.md differs: | \`${row.code}\` | ${row.status} | ${row.sentence} |`),
  ];
}

/** One sentence for every link of a page to a file or heading that is not there; links to the web are left alone. */
export function brokenLinks(
  file: TextFile,
  exists: (path: string) => boolean,
  headings: (path: string) => readonly string[],
): string[] {
  const withoutCode = file.text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^https?:\/\//.test(link)) return [];
    const [to = '', anchor] = link.split('#');
    const path = to === '' ? file.path : posix.normalize(posix.join(posix.dirname(file.path), to));
    if (!exists(path)) return [`${file.path} links to ${link}, which is not there`];
    const isFound = anchor === undefined || !path.endsWith('.md') || headings(path).includes(anchor);
    return isFound ? [] : [`${file.path} links to ${link}, and there is no such heading`];
  });
}

/** Headings as links name them. */
export function headingAnchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** The terms that docs/glossary.md defines, in order. */
export function glossaryTerms(markdown: string): string[] {
  return [...markdown.matchAll(/^\| \*\*([^*]+)\*\* \|/gm)].map(([, term = '']) => term);
}

/** Words that the glossary's last column says not to use, with the term to use instead. */
export function refusedWords(markdown: string): { readonly word: string; readonly term: string }[] {
  return [...markdown.matchAll(/^\| \*\*([^*]+)\*\* \| .* \| ([^|]*) \|$/gm)].flatMap(
    ([, term = '', words = '']) => [...words.matchAll(/"([^"]+)"/g)].map(([, word = '']) => ({ word, term })),
  );
}
