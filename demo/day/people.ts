import type { Random } from './random.ts';
import { randomOf } from './random.ts';

/** Somebody invented, known by the number of the report that first names them. Nothing here can belong to anyone. */
export interface Person {
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly alias: string;
  readonly homeAddress: string;
  readonly deviceId: string;
  readonly age: number;
  readonly city: string;
}

const firstNames = [
  'Aldan',
  'Brisa',
  'Corwen',
  'Dellie',
  'Edrin',
  'Fenna',
  'Garrin',
  'Hesper',
  'Idony',
  'Jorren',
  'Kestra',
  'Lowan',
  'Merrin',
  'Nessa',
  'Orrin',
  'Perran',
  'Quenby',
  'Rosslin',
  'Sorrel',
  'Tamsy',
  'Ulric',
  'Venna',
  'Wendrin',
  'Yarrow',
] as const;
const lastNames = [
  'Ashbourn-Vale',
  'Brackenholt',
  'Cloverdell',
  'Duskwater',
  'Elmsworthy',
  'Fernhallow',
  'Gorsefield',
  'Hollinmere',
  'Ivelbrook',
  'Juniper-Stone',
  'Kilnmarsh',
  'Larkspurling',
  'Mossgrave',
  'Nettlecombe-Ray',
  'Oakwhistle',
  'Pennyfold',
  'Quillfeather',
  'Rushwick',
  'Sedgemantle',
  'Thistlemere',
  'Underlarch',
  'Vetchling',
  'Willowsong',
  'Yewbarrow',
] as const;
const aliasWords = [
  'amber',
  'birch',
  'copper',
  'drizzle',
  'ember',
  'falcon',
  'gravel',
  'heron',
  'indigo',
  'jasper',
  'kettle',
  'lantern',
  'marble',
  'nimbus',
  'otter',
  'pebble',
  'quartz',
  'ripple',
  'saffron',
  'teasel',
  'umber',
  'velvet',
  'walnut',
  'zephyr',
] as const;
/** Invented places. */
const cities = [
  'Eastmarle',
  'Northwick Sands',
  'Pollenbridge',
  'Saltergate',
  'Tarnmouth',
  'Upper Wexcombe',
] as const;
/** Mail services that do not exist, under RFC 2606 names. */
const mailHosts = ['post.example', 'letterbox.example', 'mail.example', 'inkwell.example'] as const;

/** The person who is first named in report `index` of a day. */
export function personOf(seed: number, day: number, index: number): Person {
  const random = randomOf(seed, day, 'person', index);
  const firstName = random.pick(firstNames);
  const lastName = random.pick(lastNames);
  const number = `${day}-${index.toString(36)}`;
  const alias = `${random.pick(aliasWords)}_${random.pick(aliasWords)}_${number}`;
  return {
    key: `person-${day}-${index}`,
    firstName,
    lastName,
    email: `${firstName}.${lastName}.${number}@${random.pick(mailHosts)}`.toLowerCase(),
    phone: dramaNumber((day - 1) * 7919 + index),
    alias,
    homeAddress: documentationAddress(random),
    deviceId: `syn-${hex(random, 24)}`,
    age: random.whole(18, 78),
    city: random.pick(cities),
  };
}

/** Area codes and stems that Ofcom keeps free for drama use (Ofcom, "Telephone numbers for use in TV and radio drama"). */
const dramaStems = [
  '07700 900',
  '020 7946 0',
  '0113 496 0',
  '0114 496 0',
  '0115 496 0',
  '0116 496 0',
  '0117 496 0',
  '0118 496 0',
  '0121 496 0',
  '0131 496 0',
  '0141 496 0',
  '0151 496 0',
  '0161 496 0',
  '0191 498 0',
  '029 2018 0',
  '01632 960',
] as const;

/** The nth of the reserved numbers, mobile ones first; they come round again after all are used. */
function dramaNumber(n: number): string {
  const stem = dramaStems[Math.floor(n / 1000) % dramaStems.length];
  return `${stem}${String(n % 1000).padStart(3, '0')}`;
}

/** An address from the blocks for documentation: IPv4 of RFC 5737, IPv6 of RFC 3849. */
export function documentationAddress(random: Random): string {
  if (random.chance(0.6)) {
    return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.whole(1, 254)}`;
  }
  const groups = [0, 1, 2].map(() => random.whole(1, 0xffff).toString(16));
  return `2001:db8:${groups.join(':')}::${random.whole(1, 0xffff).toString(16)}`;
}

export function hex(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += random.bits().toString(16).padStart(8, '0');
  return text.slice(0, length);
}
