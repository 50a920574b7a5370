import type { ValueSpec } from '../../src/stages/intake/formats/vocabulary/compiled.ts';
import type { Seeded } from './seeded.ts';

/** Invented values: reserved domains and addresses, Ofcom's drama numbers, no real person. */

const words = [
  'harbour',
  'lantern',
  'orchard',
  'quay',
  'røyk',
  'grå',
  '灯台',
  'маяк',
  'ضوء',
  '🌊',
  'a&b',
  '<tag>',
  'c"d',
];

/** A value that schema and documented rules accept. */
export function typicalValue(random: Seeded, spec: ValueSpec, now: Date): string {
  for (const rule of spec.rules) {
    const made = byRule[rule]?.(random, now);
    if (made !== undefined) return made;
  }
  if (spec.values !== undefined) return random.pick([...spec.values]);
  if (spec.pattern !== undefined)
    return spec.pattern.test('+44') ? `+${1 + random.below(998)}` : String(random.below(9999));
  const text = byBase[spec.base](random, now);
  return spec.maxLength === undefined ? text : [...text].slice(0, spec.maxLength).join('');
}

const byRule: Partial<Record<string, (random: Seeded, now: Date) => string>> = {
  url: (random) =>
    `https://${random.pick(['quay', 'harbour-chat', 'röyk'])}.example/${random.below(1e6)}?a=b&c=%20`,
  'email-address': (random) =>
    `${random.pick(['user', 'o.neill', 'a+b', 'grå'])}${random.below(1e6)}@mail.example`,
  'ip-address': (random) =>
    random.pick([
      `203.0.113.${random.below(256)}`,
      `2001:db8::${random.below(9999)}`,
      `::ffff:198.51.100.${random.below(256)}`,
    ]),
  port: (random) => String(1 + random.below(65_535)),
  age: (random) => String(random.below(151)),
  'not-blank': (random) => `reason ${random.below(1000)}`,
  'report-number': (random) => String(1_000_001 + random.below(1e6)),
  'past-time': (random, now) => timeBefore(random, now),
  'past-date': (random, now) => timeBefore(random, now).slice(0, 10),
};

function timeBefore(random: Seeded, now: Date): string {
  const time = new Date(now.getTime() - random.below(3_000_000_000) * 100 - 86_400_000).toISOString();
  const zone = random.pick(['Z', '+00:00', '-05:00', '+13:45']);
  const fraction = random.pick(['', '.5', '.940334421']);
  return `${time.slice(0, 19)}${fraction}${zone}`;
}

const byBase: Record<ValueSpec['base'], (random: Seeded, now: Date) => string> = {
  'xs:string': (random) => Array.from({ length: 1 + random.below(4) }, () => random.pick(words)).join(' '),
  'xs:token': (random) => `f${String(random.below(1e9)).padStart(31, '0')}`,
  'xs:boolean': (random) => random.pick(['true', 'false', '1', '0']),
  'xs:int': (random) => String(random.below(5000)),
  'xs:long': (random) => String(1_000_001 + random.below(1e9)),
  'xs:double': (random) => random.pick(['51.5', '-0.12', '1e1', '+3.', '.5']),
  'xs:date': (random, now) => timeBefore(random, now).slice(0, 10),
  'xs:dateTime': timeBefore,
};

/** Values at the edges of a type: some it takes, some it does not. What the schema says of them decides. */
export function unusualValue(random: Seeded, spec: ValueSpec): string {
  const base = random.pick(edges[spec.base]);
  if (spec.values !== undefined) {
    const known = random.pick([...spec.values]);
    return random.pick([known, ` ${known}`, known.toLowerCase(), `${known} `, base, '']);
  }
  if (spec.pattern !== undefined)
    return random.pick(['+1', '+999', '+1234', '44', '+', '0', '12a', ' 12', '']);
  return random.chance(0.3) ? ` ${base}\n` : base;
}

const edges: Record<ValueSpec['base'], readonly string[]> = {
  'xs:string': ['', ' ', '\t', 'x'.repeat(5000), ']]', 'a\r\nb'],
  'xs:token': ['', ' a  b ', 'b0754af766b426f2928a02c651ed4b99'],
  'xs:boolean': ['true', 'TRUE', 'yes', '', '01', 'false', '1', '0'],
  'xs:int': [
    '2147483647',
    '2147483648',
    '-2147483648',
    '-2147483649',
    '+7',
    '007',
    '-0',
    '1.0',
    '',
    'x',
    '1e3',
    '--1',
  ],
  'xs:long': [
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '0',
    '+1',
    '',
    '12 3',
    '0x10',
  ],
  'xs:double': [
    'INF',
    '-INF',
    'NaN',
    '+INF',
    '1e400',
    '1.',
    '.',
    '-',
    '1,5',
    '',
    'e5',
    '1e',
    '1E+5',
    '-.5e-3',
  ],
  'xs:date': [
    '2026-02-28',
    '2026-02-29',
    '2024-02-29',
    '0000-01-01',
    '-0044-03-15',
    '12026-01-01',
    '2026-1-1',
    '2026-01-01Z',
    '2026-13-01',
    '02026-01-01',
    '2026-01-01+14:00',
    '2026-01-01+14:01',
    '2100-02-29',
    '',
  ],
  'xs:dateTime': [
    '2026-03-01T10:00:00',
    '2026-03-01T24:00:00Z',
    '2026-03-01T24:00:01Z',
    '2026-03-01T23:59:60Z',
    '2026-03-01T10:00Z',
    '2026-03-01 10:00:00Z',
    '2026-03-01T10:00:00.Z',
    '2026-03-01T10:00:00,5Z',
    '2026-03-01T10:00:00.940334421Z',
    '2026-03-01T10:00:00z',
    '2026-03-01T10:00:00+0100',
    '2026-03-01T10:00:00+15:00',
    '2026-03-01T10:00:00-14:00',
    '2026-04-31T10:00:00Z',
    '-2026-03-01T10:00:00Z',
    '+2026-03-01T10:00:00Z',
    '10000-03-01T10:00:00Z',
    '',
  ],
};
