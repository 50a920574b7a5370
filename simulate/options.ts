import { defaultWaitingShare, leastWaitingShare, mostWaitingShare } from '#assess';

/** One load to be played. Every number has a default, and each is explained by `--help`. */
export interface Load {
  readonly days: number;
  readonly officers: number;
  /** Mean minutes of a look. */
  readonly minutes: number;
  /** Arrivals as a multiple of what the officers can look at. */
  readonly load: number;
  /** Share of reports that are truly urgent. */
  readonly urgent: number;
  /** How well the score tells urgent reports from others: 0.5 is a coin, 1 knows. */
  readonly auc: number;
  /** Share of looks that goes to those who waited longest. */
  readonly reserve: number;
  readonly seed: number;
  /** Share of truly urgent reports that the service itself marks. */
  readonly flagged: number;
  /** A viral item: how many reports of it, and on which day it begins; it arrives within two days. */
  readonly burst: number;
  readonly burstDay: number;
  /** Days on which the largest service goes dark, to send everything at once afterwards; 0 for never. */
  readonly darkDay: number;
  readonly darkDays: number;
}

export interface Options {
  readonly load: Load;
  readonly seeds: number;
  readonly json: boolean;
  readonly plot: string | undefined;
  /** Looks for the fewest officers who keep urgent reports under this many minutes; 0 plays the load as it is. */
  readonly withinMinutes: number;
  readonly perDay: number;
  readonly share: number;
}

interface Setting {
  readonly key: keyof Load | 'seeds' | 'within' | 'perDay' | 'share';
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly help: string;
}

/**
 * Where a default comes from: urgent 1 %, between the 0.2 % that a world's clearing house escalated in 2023 and the
 * 1.4 % that had a priority in the United Kingdom in 2024; flagged: 0.8 to 0.9 % of all reports carried a service's
 * own mark in 2024, of which nobody has published how many were right, so 0.3 is an assumption; the rest is chosen.
 */
const settings: Readonly<Record<string, Setting>> = {
  '--days': { key: 'days', fallback: 90, least: 1, most: 3650, whole: true, help: 'how many days to play' },
  '--officers': {
    key: 'officers',
    fallback: 20,
    least: 1,
    most: 10_000,
    whole: true,
    help: 'officers, each with 300 productive minutes a day',
  },
  '--minutes': {
    key: 'minutes',
    fallback: 12,
    least: 0.1,
    most: 300,
    whole: false,
    help: 'mean minutes of one look',
  },
  '--load': {
    key: 'load',
    fallback: 1.5,
    least: 0.01,
    most: 20,
    whole: false,
    help: 'arrivals as a multiple of capacity',
  },
  '--urgent': {
    key: 'urgent',
    fallback: 0.01,
    least: 0.0001,
    most: 0.9,
    whole: false,
    help: 'share of reports that are truly urgent',
  },
  '--auc': {
    key: 'auc',
    fallback: 0.8,
    least: 0.5,
    most: 0.9999,
    whole: false,
    help: 'how well the score tells them apart: 0.5 a coin, 1 knows',
  },
  '--reserve': {
    key: 'reserve',
    fallback: defaultWaitingShare,
    least: leastWaitingShare,
    most: mostWaitingShare,
    whole: false,
    help: 'share of looks for those who waited longest',
  },
  '--seed': {
    key: 'seed',
    fallback: 1,
    least: 0,
    most: 2 ** 31,
    whole: true,
    help: 'the same seed plays the same days',
  },
  '--seeds': {
    key: 'seeds',
    fallback: 1,
    least: 1,
    most: 100,
    whole: true,
    help: 'plays this many seeds and gives their mean',
  },
  '--flagged': {
    key: 'flagged',
    fallback: 0.3,
    least: 0,
    most: 1,
    whole: false,
    help: "share of urgent reports that carry the service's own mark",
  },
  '--burst': {
    key: 'burst',
    fallback: 0,
    least: 0,
    most: 1_000_000,
    whole: true,
    help: 'reports of one viral item within two days',
  },
  '--burst-day': {
    key: 'burstDay',
    fallback: 10,
    least: 0,
    most: 3650,
    whole: true,
    help: 'the day on which it begins',
  },
  '--dark-day': {
    key: 'darkDay',
    fallback: 0,
    least: 0,
    most: 3650,
    whole: true,
    help: 'the day on which the largest service goes dark (0: never)',
  },
  '--dark-days': {
    key: 'darkDays',
    fallback: 3,
    least: 1,
    most: 365,
    whole: true,
    help: 'for how many days, before everything comes at once',
  },
  '--within': {
    key: 'within',
    fallback: 0,
    least: 0,
    most: 1440,
    whole: false,
    help: 'finds the fewest officers who look at urgent reports within so many minutes',
  },
  '--per-day': {
    key: 'perDay',
    fallback: 0,
    least: 0,
    most: 1_000_000,
    whole: false,
    help: 'reports a day for that question',
  },
  '--share': {
    key: 'share',
    fallback: 0.95,
    least: 0.01,
    most: 1,
    whole: false,
    help: 'the share of urgent reports that must be in time for it',
  },
};

export type OptionsReading =
  | { readonly kind: 'ok'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Reads the words of a command line; gives every fault at once. */
export function readOptions(words: readonly string[]): OptionsReading {
  const values = new Map(Object.values(settings).map(({ key, fallback }) => [key, fallback]));
  const faults: string[] = [];
  let json = false;
  let plot: string | undefined;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--help' || word === '-h') return { kind: 'help' };
    const setting = settings[word];
    if (word === '--json') json = true;
    else if (word === '--plot') {
      plot = queue.shift();
      if (plot === undefined || !plot.endsWith('.svg'))
        faults.push('--plot needs a file name that ends with .svg.');
    } else if (setting === undefined) faults.push(`${word} means nothing here. See --help.`);
    else {
      const value = numberOf(queue.shift() ?? '', setting);
      if (value === undefined) {
        const kind = setting.whole ? 'a whole number' : 'a number';
        faults.push(`${word} needs ${kind} from ${setting.least} to ${setting.most}.`);
      } else values.set(setting.key, value);
    }
  }
  const of = (key: Setting['key']): number => values.get(key) ?? 0;
  if (of('within') > 0 && of('perDay') <= 0)
    faults.push('--within needs --per-day: for how many reports a day?');
  if (faults.length > 0) return { kind: 'faults', faults };
  return {
    kind: 'ok',
    options: {
      load: loadOf(of),
      seeds: of('seeds'),
      json,
      plot,
      withinMinutes: of('within'),
      perDay: of('perDay'),
      share: of('share'),
    },
  };
}

function loadOf(of: (key: Setting['key']) => number): Load {
  return {
    days: of('days'),
    officers: of('officers'),
    minutes: of('minutes'),
    load: of('load'),
    urgent: of('urgent'),
    auc: of('auc'),
    reserve: of('reserve'),
    seed: of('seed'),
    flagged: of('flagged'),
    burst: of('burst'),
    burstDay: of('burstDay'),
    darkDay: of('darkDay'),
    darkDays: of('darkDays'),
  };
}

function numberOf(text: string, setting: Setting): number | undefined {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined;
  const value = Number(text);
  if (setting.whole && !Number.isInteger(value)) return undefined;
  return value >= setting.least && value <= setting.most ? value : undefined;
}

export function helpText(): string {
  const lines = Object.entries(settings).map(
    ([word, { fallback, help }]) => `  ${`${word} N`.padEnd(16)} ${help} (${fallback})`,
  );
  return `Usage: npm run simulate -- [options]

Plays days of reports against the real order of the line and against others, on the same arrivals.

${lines.join('\n')}
  --json           one JSON document on standard output
  --plot FILE.svg  draws how soon urgent reports are looked at

How many officers keep urgent reports under an hour at 900 a day?
  npm run simulate -- --per-day 900 --within 60
`;
}
