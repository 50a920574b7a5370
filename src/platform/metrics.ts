import { createServer, type Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '#platform/log';

/** One number that is looked up when somebody asks. Labels come from a fixed, small set and name no person. */
export interface Measure {
  /** Without the prefix `firstlight_`, with its unit, as `line_entries`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one process tells a Prometheus. */
export interface Metrics {
  readonly requestDone: (request: {
    readonly method: string;
    /** The pattern, never the address: addresses hold numbers of reports. */
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
    readonly receivedBytes: number;
  }) => void;
  readonly jobDone: (job: {
    readonly name: string;
    readonly result: 'ended' | 'thrown';
    readonly seconds: number;
  }) => void;
  readonly watchPool: (name: string, pool: Pool) => void;
  /** Asked at most once in ten seconds, and not again while it is answering. */
  readonly lookUp: (read: () => Promise<readonly Measure[]>) => void;
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>;
}

const prefix = 'firstlight_';
/** From a health check to a large upload, in seconds. */
const requestSeconds = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
const jobSeconds = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600];
const freshMs = 10_000;

/** @param part `server` or `worker`, a label of everything */
export function createMetrics(part: string, log: Logger): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ part });
  collectDefaultMetrics({ register: registry, prefix });
  const registers = [registry];
  const requests = new Histogram({
    name: `${prefix}request_seconds`,
    help: 'Requests by method, route pattern and status, until the answer was sent',
    labelNames: ['method', 'route', 'status'],
    buckets: requestSeconds,
    registers,
  });
  const received = new Counter({
    name: `${prefix}request_bytes_total`,
    help: 'Bytes of bodies that were declared by their senders, by route pattern',
    labelNames: ['route'],
    registers,
  });
  const jobs = new Histogram({
    name: `${prefix}job_seconds`,
    help: 'Deliveries of jobs by name; thrown ones come again',
    labelNames: ['job', 'result'],
    buckets: jobSeconds,
    registers,
  });
  const connections = new Gauge({
    name: `${prefix}database_connections`,
    help: 'Connections to the database by pool: open, idle, and how many wait for one',
    labelNames: ['pool', 'state'],
    registers,
  });
  const pools = new Map<string, Pool>();
  const looked = createLookUps(registry, log);
  return {
    requestDone: ({ method, route, status, seconds, receivedBytes }) => {
      requests.observe({ method, route, status: String(status) }, seconds);
      if (receivedBytes > 0) received.inc({ route }, receivedBytes);
    },
    jobDone: ({ name, result, seconds }) => jobs.observe({ job: name, result }, seconds),
    watchPool: (name, pool) => void pools.set(name, pool),
    lookUp: looked.add,
    text: async () => {
      for (const [pool, { totalCount, idleCount, waitingCount }] of pools) {
        connections.set({ pool, state: 'open' }, totalCount);
        connections.set({ pool, state: 'idle' }, idleCount);
        connections.set({ pool, state: 'wanted' }, waitingCount);
      }
      await looked.refresh();
      return await registry.metrics();
    },
  };
}

/** Gauges that are read from the database. What cannot be read now is left out rather than told as it was. */
function createLookUps(registry: Registry, log: Logger) {
  const reads: (() => Promise<readonly Measure[]>)[] = [];
  const gauges = new Map<string, Gauge<string>>();
  const failures = new Counter({
    name: `${prefix}look_up_failures_total`,
    help: 'How often the numbers of the database could not be read',
    registers: [registry],
  });
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const gaugeOf = ({ name, help, labels = {} }: Measure): Gauge<string> => {
    const known = gauges.get(name);
    if (known !== undefined) return known;
    const labelNames = Object.keys(labels);
    const made = new Gauge({ name: `${prefix}${name}`, help, labelNames, registers: [registry] });
    gauges.set(name, made);
    return made;
  };
  const read = async (): Promise<void> => {
    try {
      const measures = (await Promise.all(reads.map(async (one) => await one()))).flat();
      for (const gauge of gauges.values()) gauge.reset();
      for (const measure of measures) gaugeOf(measure).set(measure.labels ?? {}, measure.value);
    } catch (err) {
      log.warn({ err }, 'the numbers for the metrics could not be read');
      failures.inc();
      for (const gauge of gauges.values()) gauge.reset();
    }
    readAt = performance.now();
  };
  return {
    add: (one: () => Promise<readonly Measure[]>) => void reads.push(one),
    refresh: async () => {
      if (performance.now() - readAt < freshMs) return;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    },
  };
}

/** Counts every answer by the pattern of its route. */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    metrics.requestDone({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
      receivedBytes: Number(request.headers['content-length'] ?? 0) || 0,
    });
  });
}

/** Gives the metrics to whoever asks on this machine. Throws an Error that says what to do when the port is taken. */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    metrics.text().then(
      (text) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(
          `Metrics cannot be given on port ${port} of this machine. Set FIRSTLIGHT_METRICS_PORT to a free one; the worker takes the next.`,
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
