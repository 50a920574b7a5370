import { createHash } from 'node:crypto';
import { type FileRecipe, fileKey } from '../day/files.ts';
import { randomOf } from '../day/random.ts';
import { renderVideo } from './moving.ts';
import { renderPicture } from './picture.ts';

/** The bytes of one file, and the MD5 that the bureau must answer with. */
export interface StockFile {
  readonly bytes: Buffer;
  readonly md5: string;
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp' | 'video/quicktime' | 'text/plain';
}

/** Renders files as they are asked for and keeps the ones used last, in memory only. */
export class PictureStock {
  readonly #kept = new Map<string, Promise<StockFile>>();
  readonly #limitBytes: number;
  #keptBytes = 0;

  constructor(limitBytes = 48 * 1024 * 1024) {
    this.#limitBytes = limitBytes;
  }

  async take(recipe: FileRecipe): Promise<StockFile> {
    const key = `${recipe.seed}/${fileKey(recipe)}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      // Moves it to the end: a Map gives its keys in order of insertion, so the first one is the longest unused.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return await known;
    }
    const rendering = render(recipe);
    this.#kept.set(key, rendering);
    const file = await rendering;
    this.#keptBytes += file.bytes.length;
    await this.#makeRoom();
    return file;
  }

  async #makeRoom(): Promise<void> {
    while (this.#keptBytes > this.#limitBytes) {
      const [oldest] = this.#kept;
      if (oldest === undefined) return;
      this.#kept.delete(oldest[0]);
      this.#keptBytes -= (await oldest[1]).bytes.length;
    }
  }
}

async function render(recipe: FileRecipe): Promise<StockFile> {
  const bytes = await bytesOf(recipe);
  return { bytes, md5: createHash('md5').update(bytes).digest('hex'), mediaType: mediaTypeOf(bytes) };
}

async function bytesOf(recipe: FileRecipe): Promise<Buffer> {
  if (recipe.series === 'video') return await renderVideo(recipe);
  if (recipe.series === 'other') return renderNote(recipe);
  return await renderPicture(recipe);
}

/** A plain text file about nothing: times of sign-ins. */
function renderNote(recipe: FileRecipe): Buffer {
  const random = randomOf(recipe.seed, recipe.day, 'note', recipe.number);
  const lines = Array.from({ length: random.whole(5, 60) }, () => {
    const [hour, minute] = [random.whole(0, 23), random.whole(0, 59)].map((part) =>
      String(part).padStart(2, '0'),
    );
    return `sign-in ${hour}:${minute} from 192.0.2.${random.whole(1, 254)}`;
  });
  return Buffer.from(`Synthetic attachment ${fileKey(recipe)}\n${lines.join('\n')}\n`);
}

function mediaTypeOf(bytes: Buffer): StockFile['mediaType'] {
  if (bytes[0] === 0xff) return 'image/jpeg';
  if (bytes[0] === 0x89) return 'image/png';
  if (bytes.toString('latin1', 0, 4) === 'RIFF') return 'image/webp';
  return bytes.toString('latin1', 4, 8) === 'ftyp' ? 'video/quicktime' : 'text/plain';
}
