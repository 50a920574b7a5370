import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where connections go: a port of this machine or a socket's path. */
export type Destination = { readonly port: number } | { readonly path: string };

/** A connection between two others that can be made slow, broken, deaf or closed. */
export interface TcpProxy {
  readonly port: number;
  /** Holds back everything that goes either way, from now on, for so long. */
  delayMs: number;
  /** New connections are closed at once. */
  isClosed: boolean;
  /** Breaks every connection with a reset, as a network does. */
  readonly reset: () => number;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** @param next where each new connection goes; undefined closes it */
export async function startTcpProxy(next: () => Destination | undefined): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const inners = new Set<Socket>();
  const server = createServer((inner) => {
    const destination = proxy.isClosed ? undefined : next();
    inner.on('error', () => inner.destroy());
    if (destination === undefined) return void inner.destroy();
    inners.add(inner);
    inner.on('close', () => inners.delete(inner));
    const outer = connect(destination);
    outer.on('error', () => inner.destroy());
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(from);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.on('end', () => to.end());
      void forward(from, to);
    }
  });
  const forward = async (from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (proxy.delayMs > 0) await sleep(proxy.delayMs);
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    } catch {
      to.destroy();
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: TcpProxy = {
    port,
    delayMs: 0,
    isClosed: false,
    reset: () => {
      const broken = [...inners];
      for (const socket of broken) socket.resetAndDestroy();
      return broken.length;
    },
    connections: () => inners.size,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
