import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { newUuid } from '#platform/random';

/** An idle connection is closed after this; longer than the usual proxy's so that the proxy closes first. */
const keepAliveMs = 72_000;
/** Headers must be there within this, whoever sends them how slowly. */
const headersMs = 20_000;
/** How often it is looked for headers that are late; the platform's own half minute would more than double the limit. */
const lateCheckMs = 5_000;
/** A body of any size may come in, but not by the drop: in each such time at least so many bytes, or its end. */
const bodyPace = { everyMs: 60_000, leastBytes: 1024 };

/**
 * The one HTTP server. Bodies are left unread for whoever guards the routes: it decides who may send how much. A
 * sender that falls behind the pace is cut off. Forwarding headers count from trusted proxies only.
 */
export function createHttpServer(options: HttpOptions = {}): FastifyInstance {
  const { pace = bodyPace, trustedProxies = ['loopback'] } = options;
  const server: FastifyInstance = Fastify({
    logger: false,
    genReqId: () => newUuid(),
    requestIdHeader: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    keepAliveTimeout: keepAliveMs,
    requestTimeout: 0,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    forceCloseConnections: true,
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: lateCheckMs,
      maxHeaderSize: 16 * 1024,
    },
    // An address that cannot be decoded is refused like any other, in the words of whoever answers there.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      server.errorHandler(error, request, reply),
  });
  server.server.on('request', (request: IncomingMessage) => cutOffWhenSlow(request, pace));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (reply.getHeader('content-security-policy') === undefined) {
      reply.header(
        'content-security-policy',
        "default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
      );
    }
  });
  return server;
}

export interface HttpOptions {
  readonly pace?: BodyPace;
  /** Addresses, networks in CIDR form, or `loopback`: by default the machine itself. */
  readonly trustedProxies?: readonly string[];
}

export interface BodyPace {
  readonly everyMs: number;
  readonly leastBytes: number;
}

/** Closes the connection of a body that comes in too slowly; not while it is this side that does not read on. */
function cutOffWhenSlow(request: IncomingMessage, pace: BodyPace): void {
  if (request.complete || !hasBody(request)) return;
  const { socket } = request;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    if (request.complete || request.destroyed) return clearInterval(timer);
    const isWaitingForUs = request.readableLength > 0;
    if (!isWaitingForUs && socket.bytesRead - before < pace.leastBytes) request.destroy();
    before = socket.bytesRead;
  }, pace.everyMs);
  timer.unref();
  request.once('close', () => clearInterval(timer));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What is told to somebody whose request is no HTTP that can be read. */
interface Unreadable {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const reasonPhrases = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
} as const;
type UnreadableStatus = keyof typeof reasonPhrases;

/**
 * Answers what no route ever sees, because it cannot be read as HTTP, and closes the connection.
 * @param present gets the address as far as it can be made out, else `/`
 */
export function answerUnreadable(
  server: FastifyInstance,
  present: (url: string, status: UnreadableStatus, requestId: string) => Unreadable,
): void {
  const latest = new WeakMap<Duplex, { readonly url: string; readonly response: ServerResponse }>();
  server.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, { url: request.url ?? '/', response });
  });
  server.server.removeAllListeners('clientError');
  server.server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, socket) => {
    const last = latest.get(socket);
    const isMidAnswer = last?.response.headersSent === true && !last.response.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable || isMidAnswer) return void socket.destroy();
    const status = statusOf(error.code);
    const asked = /^[A-Za-z-]+ (\/[\x21-\x7e]*)/.exec(
      error.rawPacket?.toString('latin1', 0, 2048) ?? '',
    )?.[1];
    const { headers, body } = present(asked ?? last?.url ?? '/', status, newUuid());
    const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${reasonPhrases[status]}\r\n${lines.join('')}\r\n${body}`);
  });
}

function statusOf(code: string | undefined): UnreadableStatus {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/**
 * Listens, and gives the address. Throws an Error with one clear sentence when the port is taken or not allowed.
 * @param port 0 takes any free port
 */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new Error(
        `Port ${port} on ${host} is taken by another program. Stop it, or choose another with PORT=… (PORT=0 takes any free one).`,
        { cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new Error(
        `Port ${port} on ${host} may not be opened by this user. Choose one above 1023 with PORT=….`,
        { cause: error },
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new Error(
        `${host} is not an address of this machine. Set HOST to one that is, for example 127.0.0.1.`,
        { cause: error },
      );
    }
    throw error;
  }
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${shown}:${address.port}`;
}
