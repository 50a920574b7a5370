import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type S3Limits, type S3Target, s3Outage } from './s3-client.ts';

/**
 * Opens an object for reading; the first answer's head is there when it resolves. A body that breaks off or falls
 * silent is taken up again where it stopped, at most `attempts` times in a row without a byte of progress; the ETag
 * keeps two objects from being joined. Throws the SDK's own errors.
 */
export async function openS3Body(target: S3Target, key: string, limits: S3Limits): Promise<Readable> {
  const first = await ask(target, key);
  let body = first.body;
  const stream = Readable.from(resumed(), { objectMode: false, highWaterMark: blockBytes });
  // A stream that is given up before its first byte never runs the generator that would close the body.
  stream.once('close', () => body.destroy());
  return stream;

  async function* resumed(): AsyncGenerator<Buffer> {
    let given = 0;
    let failures = 0;
    for (;;) {
      const before = given;
      try {
        for await (const chunk of unstalled(body, limits.silenceMs)) {
          given += chunk.byteLength;
          yield chunk;
        }
        if (first.size === undefined || given >= first.size) return;
        throw new Error('the body ended before its length');
      } catch (error) {
        if (stream.destroyed) return;
        failures = given > before ? 1 : failures + 1;
        if (failures >= limits.attempts) throw s3Outage(target, 'give a file to its end', error);
        await sleep(firstPauseMs * 2 ** (failures - 1));
        body = await takeUp(given);
      }
    }
  }

  async function takeUp(from: number): Promise<Readable> {
    try {
      return (await ask(target, key, from, first.etag)).body;
    } catch (error) {
      throw s3Outage(target, 'give a file to its end', error);
    }
  }
}

const blockBytes = 256 * 1024;
const firstPauseMs = 100;

async function ask(
  target: S3Target,
  key: string,
  from = 0,
  etag?: string,
): Promise<{ body: Readable; size: number | undefined; etag: string | undefined }> {
  const { client, library, bucket } = target;
  const answer = await client.send(
    new library.GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    }),
  );
  if (!(answer.Body instanceof Readable)) throw new Error('the store gave no body');
  if (from > 0 && s3StatusOf(answer) !== 206) {
    answer.Body.destroy();
    throw new Error('the store gave the whole object where a part was asked for');
  }
  return { body: answer.Body, size: answer.ContentLength, etag: answer.ETag };
}

function s3StatusOf(answer: { readonly $metadata: { readonly httpStatusCode?: number | undefined } }) {
  return answer.$metadata.httpStatusCode;
}

/** Passes chunks on; a source that is silent for too long while somebody waits for it is ended with an error. */
async function* unstalled(source: Readable, silenceMs: number): AsyncGenerator<Buffer> {
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(
        () => source.destroy(new Error(`no byte came for ${silenceMs / 1000} seconds`)),
        silenceMs,
      );
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    source.destroy();
  }
}
