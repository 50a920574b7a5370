import { type FileKind, fileKinds, seenBefore } from './mix.ts';
import { type Random, randomOf } from './random.ts';

/** Files are known by series and number; the bytes follow from these and the seed. `viral` pictures go round in batches. */
export type FileSeries = FileKind | 'viral';

export interface FileRecipe {
  readonly seed: number;
  readonly day: number;
  readonly series: FileSeries;
  readonly number: number;
  /** Number of the original that this one is made from; its own number when it is an original. */
  readonly origin: number;
}

/** Same text, same bytes. */
export function fileKey(recipe: FileRecipe): string {
  return `${recipe.series}-${recipe.day}-${recipe.number}`;
}

/** Same text, same or nearly the same to look at. */
export function originKey(recipe: FileRecipe): string {
  return `${recipe.series}-${recipe.day}-${recipe.origin}`;
}

/** What file `number` of a series is: an original, or made from an earlier one. Needs no memory of the others. */
export function recipeOf(seed: number, day: number, series: FileSeries, number: number): FileRecipe {
  let origin = number;
  while (series !== 'viral' && origin > 0) {
    const random = randomOf(seed, day, 'recipe', series, origin);
    const { exact, near } = seenBefore[series];
    // Of the files with new bytes, this share looks like an earlier one.
    if (!random.chance((near - exact) / (1 - exact))) break;
    origin = popular(random, origin);
  }
  return { seed, day, series, number, origin };
}

/** Hands out the day's files in order. Its whole memory is how many distinct ones there are of each series. */
export class FileSupply {
  readonly #seed: number;
  readonly #day: number;
  readonly #known: Record<FileSeries, number> = { picture: 0, video: 0, other: 0, viral: 0 };

  constructor(seed: number, day: number) {
    this.#seed = seed;
    this.#day = day;
  }

  /** The next file of a report. `taken` holds the keys that the report already has, so that none comes twice. */
  next(random: Random, taken: Set<string>): FileRecipe {
    const kind = random.weighted(fileKinds);
    const { exact } = seenBefore[kind];
    let recipe = this.#next(random, kind, exact);
    for (let tries = 1; taken.has(fileKey(recipe)); tries++)
      recipe = this.#next(random, kind, tries < 6 ? 1 : 0);
    taken.add(fileKey(recipe));
    return recipe;
  }

  /** The one file of a batched report: a handful of pictures make up nearly all of these. */
  nextViral(random: Random): FileRecipe {
    return this.#next(random, 'viral', 0.85);
  }

  #next(random: Random, series: FileSeries, exact: number): FileRecipe {
    const known = this.#known[series];
    if (random.chance(exact)) {
      // What is popular today was in part popular on the days before: the first files of a series surely exist.
      if (this.#day > 1 && (known === 0 || random.chance(0.15))) {
        return recipeOf(this.#seed, random.whole(1, this.#day - 1), series, popular(random, 8));
      }
      if (known > 0) return recipeOf(this.#seed, this.#day, series, popular(random, known));
    }
    this.#known[series] = known + 1;
    return recipeOf(this.#seed, this.#day, series, known);
  }
}

/** One of the numbers below `count`, the earliest most often: chances fall about as 1/(number + 1), Zipf with exponent 1. */
function popular(random: Random, count: number): number {
  return Math.min(count - 1, Math.floor((count + 1) ** random.unit()) - 1);
}
