import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sha256Hex } from '#platform/random';

export interface StaticFile {
  readonly contentType: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip?: Buffer;
  readonly brotli?: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

const smallestWorthPacking = 1024;

/**
 * Reads a built folder into memory, so that serving touches no path that a request names.
 * @returns files by their path with a leading slash
 */
export async function loadStaticFiles(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const contentType = types[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const plain = await readFile(path);
    const isText = /^text|json|svg/.test(contentType) && plain.length >= smallestWorthPacking;
    files.set(`/${relative(folder, path).split(sep).join('/')}`, {
      contentType,
      etag: `"${sha256Hex(plain).slice(0, 32)}"`,
      plain,
      ...(isText
        ? {
            gzip: gzipSync(plain),
            brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
          }
        : {}),
    });
  }
  return files;
}

/** The form of a file that the client takes, with its headers. */
export function packedFor(
  file: StaticFile,
  acceptEncoding: string,
): { body: Buffer; headers: Record<string, string> } {
  const headers: Record<string, string> = {
    'content-type': file.contentType,
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (file.brotli !== undefined && /\bbr\b/.test(acceptEncoding)) {
    return { body: file.brotli, headers: { ...headers, 'content-encoding': 'br' } };
  }
  if (file.gzip !== undefined && /\bgzip\b/.test(acceptEncoding)) {
    return { body: file.gzip, headers: { ...headers, 'content-encoding': 'gzip' } };
  }
  return { body: file.plain, headers };
}
