import { type Random, randomOf } from '../../demo/day/random.ts';
import { mutated } from './mutate.ts';
import { targets } from './targets.ts';

/** A request as bytes for the wire, and what it was made from. */
export interface MadeRequest {
  readonly wire: Buffer;
  readonly route: string;
  /** Whether it is HTTP that must be answered, or broken on purpose. */
  readonly isWhole: boolean;
}

export interface RequestParts {
  /** As `POST /v1/reports`, with `{name}` for parameters. */
  readonly routes: readonly string[];
  /** Values of Authorization: of services and of the machine. */
  readonly authorizations: readonly string[];
  /** Numbers and ids that exist. */
  readonly ids: readonly string[];
}

const mediaTypes = [
  'application/json',
  'text/xml; charset=utf-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/offset+octet-stream',
  'text/xml; charset=utf-16',
  'application/json; charset=x',
  '',
  'x',
  'multipart/form-data',
];
const moreHeaders = [
  'idempotency-key: a',
  'idempotency-key: \u00e9',
  'upload-offset: 0',
  'upload-length: 5',
  'upload-length: 99999999999999999999',
  'upload-metadata: filename YQ==',
  'upload-defer-length: 1',
  'upload-checksum: sha256 AAAA',
  'tus-resumable: 1.0.0',
  'tus-resumable: 9',
  'expect: 100-continue',
  'range: bytes=0-1',
  'if-none-match: *',
  'origin: null',
  'origin: http://x.example',
  'cookie: firstlight_session=abc',

  'accept: text/event-stream',
  'accept-encoding: gzip',
  'host: x',
  'upload-concat: partial',
  'content-encoding: gzip',
  'x-http-method-override: DELETE',
];
const bodies = targets.flatMap(({ seeds }) => seeds.map((seed) => Buffer.from(seed as string)));
const words = [...new Set(targets.flatMap((target) => target.words))];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export function makeRequest(seed: number, serial: number, parts: RequestParts): MadeRequest {
  const random = randomOf(seed, 'request', serial);
  const [known = 'GET', path = '/'] = random.pick(parts.routes).split(' ');
  const route = `${known} ${path}`;
  const method = random.chance(0.97) ? known : random.pick(methods);
  const target = `${filled(random, path, parts.ids)}${query(random)}`;
  const body = bodyOf(random);
  const type = random.pick(mediaTypes);
  const headers = [
    'host: 127.0.0.1',
    // From everywhere, so that wrong credentials do not lock out the whole trial.
    `x-forwarded-for: 2001:db8::${random.whole(1, 0xffff).toString(16)}`,
    ...(random.chance(0.95) ? [`authorization: ${random.pick(parts.authorizations)}`] : []),
    ...(type === '' ? [] : [`content-type: ${type}`]),
    ...Array.from({ length: random.pick([0, 0, 1, 3]) }, () => random.pick(moreHeaders)),
    'connection: close',
  ];
  const framed = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : body;
  const head = `${method} ${target} HTTP/1.1\r\n${[...headers, `content-length: ${framed.length}`].join('\r\n')}\r\n\r\n`;
  const wire = Buffer.concat([Buffer.from(head, 'latin1'), framed]);
  if (random.chance(0.9)) return { wire, route, isWhole: true };
  return { wire: mutated(random, wire, body, words, 300_000), route, isWhole: false };
}

function filled(random: Random, path: string, ids: readonly string[]): string {
  return path.replace(/\{[^}]*\}|:[A-Za-z]+/g, () =>
    random.chance(0.7) ? random.pick(ids) : encodeURIComponent(oddText(random)),
  );
}

function query(random: Random): string {
  if (random.chance(0.6)) return '';
  const names = [
    'limit',
    'cursor',
    'environment',
    'state',
    'urgency',
    'search',
    'provider',
    'from',
    'to',
    'x',
  ];
  return `?${random.pick(names)}=${random.chance(0.5) ? encodeURIComponent(oddText(random)) : random.whole(0, 300)}`;
}

function oddText(random: Random): string {
  return mutated(random, Buffer.from(random.pick(words)), Buffer.from(random.pick(words)), words, 200)
    .toString('utf8')
    .toWellFormed();
}

function bodyOf(random: Random): Buffer {
  const base = random.pick(bodies);
  if (random.chance(0.3)) return base;
  // Now and then a large one.
  return mutated(random, base, random.pick(bodies), words, random.chance(0.05) ? 2_000_000 : 50_000);
}
