import Fastify, { type FastifyInstance } from 'fastify';
import { newUuid } from '#platform/random';

/** An idle connection is closed after this; longer than the usual proxy's so that the proxy closes first. */
const keepAliveMs = 72_000;
/** Headers must be there within this, whoever sends them how slowly. */
const headersMs = 20_000;

/**
 * The one HTTP server. Bodies are left unread for whoever guards the routes: it decides who may send how much.
 * Trusts a proxy's forwarding headers only from the machine itself.
 */
export function createHttpServer(): FastifyInstance {
  const server = Fastify({
    logger: false,
    genReqId: () => newUuid(),
    requestIdHeader: false,
    trustProxy: 'loopback',
    keepAliveTimeout: keepAliveMs,
    requestTimeout: 0,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    serverFactory: undefined,
    forceCloseConnections: true,
    http: { headersTimeout: headersMs, maxHeaderSize: 16 * 1024 },
  } as Parameters<typeof Fastify>[0]) as unknown as FastifyInstance;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (reply.getHeader('content-security-policy') === undefined) {
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    }
  });
  return server;
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
