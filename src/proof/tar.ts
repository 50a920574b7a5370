/** Small files one after the other as tar (POSIX.1-1988 ustar), so that any tar unpacks what a bureau hands out. */

const blockBytes = 512;
/** Nothing in an export is larger: 256 entries of 64 KiB and their lengths. */
const largestFile = 32 * 1024 * 1024;

export function tarFile(name: string, bytes: Uint8Array): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError('a name of at most 100 bytes');
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0);
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & (blockBytes - 1))]);
}

/** What ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

/** @throws Error when the archive is damaged or ends before its end mark */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly name: string; readonly bytes: Buffer }> {
  let held: Uint8Array[] = [];
  let size = 0;
  const source = chunks[Symbol.asyncIterator]();
  const take = async (count: number): Promise<Buffer> => {
    while (size < count) {
      const next = await source.next();
      if (next.done === true) throw new Error('The archive ends too early.');
      held.push(next.value);
      size += next.value.length;
    }
    const all = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
    held = all.length > count ? [all.subarray(count)] : [];
    size -= count;
    return Buffer.from(all.buffer, all.byteOffset, count);
  };
  try {
    for (;;) {
      const header = await take(blockBytes);
      if (header.every((byte) => byte === 0)) return;
      const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
      const length = Number.parseInt(header.toString('latin1', 124, 135), 8);
      if (!(length >= 0 && length <= largestFile) || header.toString('latin1', 257, 262) !== 'ustar')
        throw new Error('The archive is damaged.');
      const bytes = await take(Math.ceil(length / blockBytes) * blockBytes);
      yield { name, bytes: bytes.subarray(0, length) };
    }
  } finally {
    await source.return?.();
  }
}
