import { posix } from 'node:path';
import { stageOrder, type Zone, zones } from './import-table.ts';
import { isTest, lineOf, type SourceFile } from './source-files.ts';

/** Each rule takes files and gives one sentence for every violation; no sentence, no violation. */
export type Doors = Readonly<Record<string, string>>;

/** What an import leads to. */
type Target =
  | { readonly kind: 'node' }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly isByDoor: boolean }
  | { readonly kind: 'unknown' };

/** @param doors the `imports` of package.json */
function targetOf(from: string, importer: string, doors: Doors): Target {
  if (from.startsWith('node:')) return { kind: 'node' };
  if (from.startsWith('.')) {
    return { kind: 'file', path: posix.join(posix.dirname(importer), from), isByDoor: false };
  }
  if (!from.startsWith('#')) {
    const name = from
      .split('/')
      .slice(0, from.startsWith('@') ? 2 : 1)
      .join('/');
    return { kind: 'package', name };
  }
  for (const [pattern, to] of Object.entries(doors)) {
    const [start = '', end] = pattern.split('*');
    if (end === undefined ? from !== pattern : !from.startsWith(start)) continue;
    return { kind: 'file', path: posix.normalize(to.replace('*', from.slice(start.length))), isByDoor: true };
  }
  return { kind: 'unknown' };
}

export function zoneOf(path: string): Zone | undefined {
  return zones.find((zone) => zone.holds.test(path));
}

/** The import table. Tests may import anything, and nothing that is not a test may import a test. */
export function tableViolations(files: readonly SourceFile[], doors: Doors): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((one) => {
      const target = targetOf(one.from, file.path, doors);
      const place = `${file.path}:${one.line}`;
      if (target.kind === 'unknown')
        return [`${place} imports "${one.from}", which is no door of package.json`];
      if (isTest(file.path)) return [];
      if (target.kind === 'file' && isTest(target.path)) return [`${place} imports a test: ${target.path}`];
      const zone = zoneOf(file.path);
      if (zone === undefined) return [];
      const reason = refusalOf(zone, file.path, target, { isTypeOnly: one.isTypeOnly, doors });
      return reason === undefined ? [] : [`${place} imports "${one.from}": ${reason}`];
    }),
  );
}

function refusalOf(
  zone: Zone,
  importer: string,
  target: Target,
  { isTypeOnly, doors }: { isTypeOnly: boolean; doors: Doors },
): string | undefined {
  if (target.kind === 'node') return zone.node ? undefined : `${zone.name} uses no node:* modules`;
  if (target.kind === 'package') {
    const isFine = zone.packages === 'any' || zone.packages.includes(target.name);
    return isFine ? undefined : `${zone.name} does not use ${target.name}`;
  }
  if (target.kind === 'unknown') return undefined;
  const name = targetZone(importer, target.path);
  if (zone.mayImport.includes(name)) {
    const isOutside = zoneOf(target.path)?.name !== zone.name && !isSameStage(importer, target.path);
    return isOutside && !target.isByDoor && hasDoor(target.path, doors)
      ? 'other folders are imported by their #door'
      : undefined;
  }
  if (zone.mayImportTypes?.includes(name) === true) {
    return isTypeOnly ? undefined : `${zone.name} may import only types of ${name}`;
  }
  return `${zone.name} may not import ${name}`;
}

/** The zone of a target as the importer sees it: doors, inner files and later stages have names of their own. */
function targetZone(importer: string, target: string): string {
  const zone = zoneOf(target)?.name ?? 'files outside the table';
  const stage = stageOf(target);
  if (stage !== undefined) {
    const own = stageOf(importer);
    if (stage === own) return zone;
    if (target !== `src/stages/${stage}/index.ts`) return `inner files of the stage ${stage}`;
    return own !== undefined && !isEarlier(stage, own) ? `the later stage ${stage}` : 'stage door';
  }
  const isSame = zoneOf(importer)?.name === zone;
  if (isSame || !['access', 'decoder', 'exchange', 'screens', 'upkeep'].includes(zone)) return zone;
  return target === `src/${zone}/index.ts` ? `${zone} door` : `inner files of ${zone}`;
}

function stageOf(path: string): string | undefined {
  return /^src\/stages\/([^/]+)\//.exec(path)?.[1];
}

function hasDoor(path: string, doors: Doors): boolean {
  return Object.values(doors).some((to) => {
    const [start = '', end] = posix.normalize(to).split('*');
    return end === undefined ? path === start : path.startsWith(start);
  });
}

function isSameStage(one: string, other: string): boolean {
  return stageOf(one) !== undefined && stageOf(one) === stageOf(other);
}

function isEarlier(stage: string, than: string): boolean {
  const order: readonly string[] = stageOrder;
  return order.includes(stage) && order.indexOf(stage) < order.indexOf(than);
}

/** Files that import each other in a circle; types count too, because a circle of types is still a knot. */
export function cycles(files: readonly SourceFile[], doors: Doors): string[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const found: string[] = [];
  const state = new Map<string, 'open' | 'closed'>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const one of known.get(path)?.imports ?? []) {
      const target = targetOf(one.from, path, doors);
      if (target.kind === 'file' && known.has(target.path)) visit(target.path);
    }
    trail.pop();
    state.set(path, 'closed');
  };
  for (const path of known.keys()) visit(path);
  return found;
}

interface WordRule {
  readonly name: string;
  readonly words: RegExp;
  /** Files that it holds for. */
  readonly holdsFor: (path: string) => boolean;
}

const isSource = (path: string): boolean => path.startsWith('src/') && !isTest(path);

export const wordRules: readonly WordRule[] = [
  {
    name: 'the environment is read in src/platform/config.ts only',
    words: /\bprocess\s*\.\s*env\b|\bprocess\s*\[/g,
    holdsFor: (path) => isSource(path) && path !== 'src/platform/config.ts',
  },
  {
    name: 'the command line reads the environment in cli/environment.ts only',
    words: /\bprocess\s*\.\s*env\b/g,
    holdsFor: (path) => path.startsWith('cli/') && !isTest(path) && path !== 'cli/environment.ts',
  },
  {
    name: 'the clock and randomness are in src/platform/ only',
    words:
      /\bnew\s+Date\s*\(\s*\)|\bDate\s*\.\s*now\b|\bDate\s*\(\s*\)|\bMath\s*\.\s*random\b|\brandom(?:UUID|Bytes|Int|Fill|FillSync)\b|\bgetRandomValues\b/g,
    holdsFor: (path) => isSource(path) && !path.startsWith('src/platform/'),
  },
  {
    name: 'only the configuration of a tool has a default export',
    words: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g,
    holdsFor: (path) => !/(^|\/)[a-z.-]+\.config\.ts$/.test(path),
  },
  {
    name: 'only entry points print; the rest logs',
    words: /\bconsole\s*\.\s*\w+\s*\(/g,
    holdsFor: (path) => isSource(path) && !/^src\/[^/]+\.ts$/.test(path),
  },
];

export function wordViolations(files: readonly SourceFile[], rule: WordRule): string[] {
  return files
    .filter((file) => rule.holdsFor(file.path))
    .flatMap((file) =>
      [...file.code.matchAll(rule.words)].map(
        (match) => `${file.path}:${lineOf(file.code, match.index)} ${match[0]}`,
      ),
    );
}
