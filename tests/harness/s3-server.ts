import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A small object store that speaks the part of Amazon's S3 protocol that the bureau uses, write once included, and
 * that can be told to fail, to be late, to answer half, or to stop answering. Signatures are not checked.
 */
export interface S3Server {
  readonly url: string;
  readonly objects: Map<string, S3Object>;
  readonly uploads: ReadonlyMap<string, S3Upload>;
  /** Asked before every request; the first rule that gives something is followed. */
  rule: ((asked: Asked) => Trouble | undefined) | undefined;
  /** Every request as `PUT bucket/key` or `GET bucket?list-type=2`, in order. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

interface S3Object {
  bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly at: Date;
}

interface S3Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
  readonly metadata: Readonly<Record<string, string>>;
  began: Date;
}

export interface Asked {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** From 1, over all requests. */
  readonly nth: number;
}

export type Trouble =
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  | { readonly kind: 'late'; readonly ms: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'silent' }
  /** Breaks the connection before an answer, with or without having done what was asked. */
  | { readonly kind: 'hang-up'; readonly isDone: boolean }
  /** Sends so many bytes of the body and breaks the connection, or falls silent. */
  | { readonly kind: 'half'; readonly bytes: number; readonly end: 'hang-up' | 'silence' };

export interface S3Options {
  readonly bucket?: string;
  readonly ignoresWriteOnce?: boolean;
  readonly port?: number;
  readonly pageSize?: number;
}

class S3Fault extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

export async function startS3Server(options: S3Options = {}): Promise<S3Server> {
  const bucket = options.bucket ?? 'evidence';
  const content = new Bucket(bucket, options);
  const asked: string[] = [];
  let nth = 0;
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      const fault = error instanceof S3Fault ? error : new S3Fault(500, 'InternalError');
      answerFault(request, response, fault);
    });
  });
  const state: S3Server = {
    url: '',
    objects: content.objects,
    uploads: content.uploads,
    rule: undefined,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => undefined);
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3.example');
    const [, inBucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const method = request.method ?? '';
    const query = url.searchParams;
    nth += 1;
    const queryText = [...query.keys()].filter((name) => name !== 'x-id').join('&');
    asked.push(`${method} ${inBucket}/${key}${queryText === '' ? '' : `?${queryText}`}`);
    const trouble = state.rule?.({ method, key, query, nth });
    if (trouble?.kind === 'late') await sleep(trouble.ms);
    if (trouble?.kind === 'silent') return;
    if (trouble?.kind === 'hang-up' && !trouble.isDone) {
      request.socket.destroy();
      return;
    }
    const body = await bodyOf(request);
    if (trouble?.kind === 'error') throw new S3Fault(trouble.status, trouble.code);
    if (inBucket !== bucket) throw new S3Fault(404, 'NoSuchBucket');
    const reply = content.answerTo({ method, key, query, request, body });
    if (trouble?.kind === 'hang-up') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'x-amz-request-id': String(nth), ...reply.headers });
    if (trouble?.kind === 'half' && Buffer.isBuffer(reply.body)) {
      response.write(reply.body.subarray(0, trouble.bytes));
      if (trouble.end === 'silence') return;
      await sleep(20);
      request.socket.destroy();
      return;
    }
    response.end(method === 'HEAD' ? undefined : reply.body);
  }

  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** What stands in the bucket, and the answers about it. */
class Bucket {
  readonly objects = new Map<string, S3Object>();
  readonly uploads = new Map<string, S3Upload>();
  readonly #bucket: string;
  readonly #options: S3Options;

  constructor(bucket: string, options: S3Options) {
    this.#bucket = bucket;
    this.#options = options;
  }

  answerTo(question: Question): Reply {
    const { method, key, query } = question;
    if (key === '') return this.aboutBucket(method, query);
    if (method === 'POST' && query.has('uploads')) return this.begin(question);
    if (method === 'POST' && query.has('uploadId')) return this.complete(question);
    if (method === 'PUT' && query.has('partNumber')) return this.takePart(question);
    if (method === 'DELETE' && query.has('uploadId')) {
      if (!this.uploads.delete(query.get('uploadId') ?? '')) throw new S3Fault(404, 'NoSuchUpload');
      return { status: 204 };
    }
    if (method === 'PUT') return this.put(question);
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204 };
    }
    return this.give(question);
  }

  refuseTaken({ key, request }: Question): void {
    if (this.#options.ignoresWriteOnce === true || request.headers['if-none-match'] !== '*') return;
    if (this.objects.has(key)) throw new S3Fault(412, 'PreconditionFailed');
  }

  put(question: Question): Reply {
    const { key, body, request } = question;
    this.refuseTaken(question);
    const sum = checkedSum(request, body);
    this.objects.set(key, { bytes: body, metadata: metadataOf(request), at: new Date() });
    return {
      status: 200,
      headers: { etag: etagOf(body), ...(sum === undefined ? {} : { 'x-amz-checksum-sha256': sum }) },
    };
  }

  begin({ key, request }: Question): Reply {
    const id = randomBytes(8).toString('hex');
    this.uploads.set(id, { key, parts: new Map(), metadata: metadataOf(request), began: new Date() });
    return xml(
      `<InitiateMultipartUploadResult><Bucket>${this.#bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  uploadOf({ query }: Question): S3Upload {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    if (upload === undefined) throw new S3Fault(404, 'NoSuchUpload');
    return upload;
  }

  takePart(question: Question): Reply {
    const sum = checkedSum(question.request, question.body);
    this.uploadOf(question).parts.set(Number(question.query.get('partNumber')), question.body);
    return {
      status: 200,
      headers: {
        etag: etagOf(question.body),
        ...(sum === undefined ? {} : { 'x-amz-checksum-sha256': sum }),
      },
    };
  }

  complete(question: Question): Reply {
    const upload = this.uploadOf(question);
    this.refuseTaken(question);
    const listed = [...question.body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
      sum: /<ChecksumSHA256>(.*?)</.exec(part)?.[1],
    }));
    const parts = listed.map(({ number, etag, sum }) => {
      const bytes = upload.parts.get(number);
      if (bytes === undefined || etagOf(bytes) !== etag) throw new S3Fault(400, 'InvalidPart');
      if (sum !== undefined && sum !== sha256(bytes)) throw new S3Fault(400, 'InvalidPart');
      return bytes;
    });
    const bytes = Buffer.concat(parts);
    this.objects.set(upload.key, { bytes, metadata: upload.metadata, at: new Date() });
    this.uploads.delete(question.query.get('uploadId') ?? '');
    return xml(
      `<CompleteMultipartUploadResult><Key>${upload.key}</Key><ETag>${etagOf(bytes)}</ETag></CompleteMultipartUploadResult>`,
    );
  }

  give({ key, request }: Question): Reply {
    const object = this.objects.get(key);
    if (object === undefined) throw new S3Fault(404, 'NoSuchKey');
    const etag = etagOf(object.bytes);
    if ((request.headers['if-match'] ?? etag) !== etag) throw new S3Fault(412, 'PreconditionFailed');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const bytes = object.bytes.subarray(from);
    const kept = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
    return {
      status: from > 0 ? 206 : 200,
      headers: {
        etag,
        'content-length': String(bytes.byteLength),
        'last-modified': object.at.toUTCString(),
        ...Object.fromEntries(kept),
      },
      body: bytes,
    };
  }

  aboutBucket(method: string, query: URLSearchParams): Reply {
    if (method === 'HEAD') return { status: 200 };
    const prefix = query.get('prefix') ?? '';
    const size = this.#options.pageSize ?? 1000;
    if (query.has('uploads')) return this.listUploads(query, prefix, size);
    return this.listObjects(query, prefix, size);
  }

  listUploads(query: URLSearchParams, prefix: string, size: number): Reply {
    const after = query.get('upload-id-marker') ?? '';
    const found = [...this.uploads].filter(([id, { key }]) => key.startsWith(prefix) && id > after).sort();
    const page = found.slice(0, size);
    const more = found.length > page.length;
    const rows = page.map(
      ([id, { key, began }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${began.toISOString()}</Initiated></Upload>`,
    );
    const last = page.at(-1);
    const next = more
      ? `<NextKeyMarker>${last?.[1].key}</NextKeyMarker><NextUploadIdMarker>${last?.[0]}</NextUploadIdMarker>`
      : '';
    return xml(
      `<ListMultipartUploadsResult><IsTruncated>${more}</IsTruncated>${next}${rows.join('')}</ListMultipartUploadsResult>`,
    );
  }

  listObjects(query: URLSearchParams, prefix: string, size: number): Reply {
    const after = query.get('continuation-token') ?? '';
    const found = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = found.slice(0, size);
    const more = found.length > page.length;
    const rows = page.map((key) => `<Contents><Key>${key}</Key></Contents>`);
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return xml(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${rows.join('')}</ListBucketResult>`,
    );
  }
}

interface Question {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

function xml(text: string): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>${text}`,
  };
}

function answerFault(request: IncomingMessage, response: ServerResponse, fault: S3Fault): void {
  request.resume();
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${fault.code}</Code><Message>${fault.code}</Message></Error>`;
  response.writeHead(fault.status, { 'content-type': 'application/xml' });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Refuses bytes that do not match the checksum they came with, as the real one does. */
function checkedSum(request: IncomingMessage, body: Buffer): string | undefined {
  const sum = request.headers['x-amz-checksum-sha256'];
  if (typeof sum !== 'string') return undefined;
  if (sum !== sha256(body)) throw new S3Fault(400, 'BadDigest');
  return sum;
}

function metadataOf(request: IncomingMessage): Record<string, string> {
  const prefix = 'x-amz-meta-';
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      name.startsWith(prefix) && typeof value === 'string' ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
