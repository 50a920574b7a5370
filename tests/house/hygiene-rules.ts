import { isIPv4, isIPv6 } from 'node:net';
import { lineOf, type TextFile } from './source-files.ts';

/** Each rule takes one file and gives one sentence for every place that breaks it, without repeating what it found. */
export type HygieneRule = (file: TextFile) => string[];

/**
 * Control characters but tab and line feed; directional marks and overrides (UAX #9); zero-width characters; the
 * byte-order mark; line and paragraph separators; the replacement character, which is what wrong decoding leaves.
 */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/g;

export const invisibleCharacters: HygieneRule = (file) =>
  places(file, invisible, () => true, 'an invisible or steering character: write it as an escape');

/** Addresses that belong to nobody: RFC 1918, RFC 5737, loopback, link-local, unspecified and broadcast. */
const reservedIPv4 =
  /^(0\.0\.0\.0|10\.|127\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|255\.255\.255\.255)/;
/** RFC 3849 for documentation, loopback, link-local and unique local addresses, and IPv4 inside. */
const reservedIPv6 = /^(2001:0?db8:|3fff:|::1?$|fe80:|f[cd][0-9a-f]{2}:|::ffff:)/i;

export const realAddresses: HygieneRule = (file) => [
  ...places(
    file,
    /(?<![\d.\w-])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d|[\w-])/g,
    (found, line) => isIPv4(found) && !reservedIPv4.test(found) && !isSectionNumber(found, line),
    "an IPv4 address that may be somebody's: use 192.0.2.x, 198.51.100.x or 203.0.113.x",
  ),
  ...places(
    file,
    /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi,
    (found) => isIPv6(found) && /[0-9a-f]{3}/i.test(found) && !reservedIPv6.test(found),
    "an IPv6 address that may be somebody's: use 2001:db8::",
  ),
];

/**
 * Numbers that Ofcom keeps for drama (Telephone numbers for use in TV and radio drama programmes, all areas end in
 * a block of a thousand), and 555-0100 to 555-0199 of the North American plan.
 */
const reservedPhone =
  /^(\+44|0)(7700900\d{3}|1632960\d{3}|2079460\d{3}|1134960\d{3}|1144960\d{3}|1154960\d{3}|1164960\d{3}|1174960\d{3}|1184960\d{3}|1214960\d{3}|1314960\d{3}|1414960\d{3}|1514960\d{3}|1614960\d{3}|1914980\d{3}|2890180\d{3}|2920180\d{3}|3069990\d{3}|8081570\d{3}|9098790\d{3})$|^\+?1?\d{3}55501\d{2}$/;

export const realPhones: HygieneRule = (file) =>
  places(
    file,
    /(?<![\w.+-])(?:\+\d{1,3}[ ()-]{0,2}\d[\d ()-]{6,14}\d|07\d{3}[ -]?\d{3}[ -]?\d{3}|\(?\d{3}\)?[ -]\d{3}-\d{4})(?![\w-])/g,
    (found) => !reservedPhone.test(found.replace(/[^\d+]/g, '')),
    'a telephone number that may ring: use +44 7700 900xxx, +44 20 7946 0xxx or 555-01xx',
  );

/** RFC 2606 and RFC 6761. */
const reservedDomain = /(^|\.)(example|test|invalid|localhost|local|internal|example\.(com|net|org))$/;

/**
 * Public bodies, standards and tools that comments and documents cite or that formats name. Nothing here is ever
 * asked for anything.
 */
export const citedDomains: readonly string[] = [
  'c2sp.org',
  'keepachangelog.com',
  'mp4ra.org',
  'no-color.org',
  'prng.di.unimi.it',
  'semver.org',
  'tus.io',
  'www.apache.org',
  'www.w3.org',
];

const topLevel =
  '(?:com|net|org|io|dev|app|co|uk|us|eu|de|fr|nl|jp|info|biz|gov|edu|chat|social|me|tv|xyz|online|site)';

export const realDomains: HygieneRule = (file) => {
  const isFine = (found: string) => {
    const domain = found
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/^.*@/, '')
      .replace(/:\d+$/, '');
    return (
      reservedDomain.test(domain) || citedDomains.includes(domain) || isIPv4(domain) || !domain.includes('.')
    );
  };
  const advice =
    'a domain or mailbox that may be real: use .example, or add a body that is only cited to the list';
  return [
    ...places(file, /https?:\/\/[a-z0-9.-]+[a-z0-9](?::\d+)?/gi, (found) => !isFine(found), advice),
    ...places(
      file,
      /(?<![\w/.+@-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi,
      (found) => !isFine(found) && !/@\d/.test(found),
      advice,
    ),
    ...places(
      file,
      new RegExp(`(?<![\\w/.@#$-])(?:[a-z0-9-]+\\.)+${topLevel}(?![\\w.-]*[\\w(])`, 'g'),
      (found) => !isFine(found) && /^(www\.|[a-z0-9-]+\.(com|net|org|co\.uk|gov\.uk|io)$)/.test(found),
      advice,
    ),
  ];
};

/** Forms that keys and tokens of well-known kinds have. */
const secretForms =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}|\bxox[abprs]-[\w-]{10,}|\bsk-[A-Za-z0-9]{32,}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|\bnpm_[A-Za-z0-9]{36}\b|\bpostgres(?:ql)?:\/\/\w+:[^@\s'"$*{<[]+@(?!127\.0\.0\.1|localhost|host\b|[\w.-]*example)/g;

export const secrets: HygieneRule = (file) =>
  places(
    file,
    secretForms,
    () => true,
    'what looks like a secret: remove it, and replace it where it was in use',
  );

/** Exact versions only, so that two machines install the same. */
export function looseVersions(packageJson: string): string[] {
  const facts = JSON.parse(packageJson) as Record<string, Record<string, string> | undefined>;
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) =>
    Object.entries(facts[group] ?? {}).flatMap(([name, version]) =>
      /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) ? [] : [`${name}: "${version}" is no exact version`],
    ),
  );
}

/** The lockfile names no host, so that it installs from whatever registry a machine uses, and pins every package. */
export function lockfileFaults(lockfile: string): string[] {
  const { packages } = JSON.parse(lockfile) as {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
  };
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...(entry.resolved === undefined
      ? []
      : [`${path}: names where it comes from; see omit-lockfile-registry-resolved`]),
    ...(path === '' || entry.link === true || entry.integrity !== undefined
      ? []
      : [`${path}: has no integrity`]),
  ]);
}

function places(
  file: TextFile,
  form: RegExp,
  isWrong: (found: string, line: string) => boolean,
  sentence: string,
): string[] {
  return [...file.text.matchAll(form)]
    .filter((match) => isWrong(match[0], lineAt(file.text, match.index)))
    .map((match) => `${file.path}:${lineOf(file.text, match.index)} has ${sentence}`);
}

/** A comment that cites a standard: `part 2, 3.2.7.3`. */
function isSectionNumber(found: string, line: string): boolean {
  return /^\d(\.\d){3}$/.test(found) && /\b(section|clause|part|ISO|IEC|RFC)\b|§/i.test(line);
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? undefined : end);
}
