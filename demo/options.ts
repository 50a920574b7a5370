/** What `npm run demo` was asked for. */
export interface DemoOptions {
  readonly reports: number;
  readonly fresh: boolean;
  readonly exit: boolean;
  readonly json: boolean;
  readonly seed: number;
}

export type OptionsReading =
  | { readonly kind: 'ok'; readonly options: DemoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const fewestReports = 20;
const mostReports = 100_000;
/**
 * Small days differ much in their number of files, because of the heavy tail. This seed's 400 reports lie close to
 * the means of `day/mix.ts` in every row (2.8 files a report); other seeds give 2.1 to 4.5 and take as much longer.
 */
const usualSeed = 6;

export const usage = `Usage: npm run demo -- [options]

Starts a bureau and sends it an invented day of reports, as several services would. Everything is made up.

  --reports N   how many reports the day has, ${fewestReports} to ${mostReports} (400)
  --fresh       deletes the demonstration that stands in the data folder, and starts over
  --exit        ends after the table; status 0 only if every report went the whole way
  --json        ends with one JSON document on standard output instead of the table
  --seed N      another day; the same number gives the same day (${usualSeed})
  --help        shows this

PORT, HOST, FIRSTLIGHT_DATA and DATABASE_URL count as for npm start. A second run goes on with the same data.
`;

/** Reads the arguments; gives every fault at once. */
export function readOptions(words: readonly string[]): OptionsReading {
  const faults: string[] = [];
  const options = { reports: 400, fresh: false, exit: false, json: false, seed: usualSeed };
  const queue = words.flatMap((word) => (/^--[a-z]+=/.test(word) ? splitOnce(word) : [word]));
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    switch (word) {
      case '--help':
      case '-h':
        return { kind: 'help' };
      case '--fresh':
      case '--exit':
      case '--json':
        options[word === '--fresh' ? 'fresh' : word === '--exit' ? 'exit' : 'json'] = true;
        break;
      case '--reports':
        options.reports = wholeNumber(word, queue.shift(), fewestReports, mostReports, faults);
        break;
      case '--seed':
        options.seed = wholeNumber(word, queue.shift(), 0, 999_999_999, faults);
        break;
      default:
        faults.push(`${word} means nothing here. npm run demo -- --help lists what does.`);
    }
  }
  return faults.length === 0 ? { kind: 'ok', options } : { kind: 'faults', faults };
}

function splitOnce(word: string): [string, string] {
  const equals = word.indexOf('=');
  return [word.slice(0, equals), word.slice(equals + 1)];
}

function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
  faults: string[],
): number {
  const value = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  faults.push(`${name} needs a whole number from ${least} to ${most}.`);
  return least;
}
