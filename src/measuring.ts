import type { FastifyInstance } from 'fastify';
import type { App, AppParts } from '#app';
import type { OperationConfig } from '#platform/config-operation';
import type { Delivery } from '#platform/jobs';
import { createMetrics, type Metrics, measureRequests, serveMetrics } from '#platform/metrics';
import { measuresOf } from '#screens';

interface Measuring {
  readonly close: () => Promise<void>;
}

const notMeasured: Measuring = { close: async () => {} };

/** Gives a server's metrics on the port that is set; nothing where none is. */
export async function measureServer(
  { metricsPort }: OperationConfig,
  parts: AppParts,
  server: FastifyInstance,
): Promise<Measuring> {
  if (metricsPort === 0) return notMeasured;
  const metrics = createMetrics('server', parts.log);
  watchPools(metrics, parts);
  measureRequests(server, metrics);
  metrics.lookUp(async () => await measuresOf(parts.db.kysely));
  return await serveMetrics(metrics, metricsPort);
}

/** The same for a worker, on the next port. `runDelivery` is what the worker is to run instead of the app's own. */
export async function measureWorker(
  { metricsPort }: OperationConfig,
  parts: AppParts,
  app: App,
): Promise<Measuring & Pick<App, 'runDelivery'>> {
  if (metricsPort === 0) return { ...notMeasured, runDelivery: app.runDelivery };
  const metrics = createMetrics('worker', parts.log);
  watchPools(metrics, parts);
  const { close } = await serveMetrics(metrics, metricsPort + 1);
  return { close, runDelivery: measured(app.runDelivery, metrics) };
}

function measured(run: App['runDelivery'], metrics: Metrics): App['runDelivery'] {
  return async (delivery: Delivery) => {
    const startedMs = performance.now();
    const done = (result: 'ended' | 'thrown') =>
      metrics.jobDone({ name: delivery.name, result, seconds: (performance.now() - startedMs) / 1000 });
    try {
      await run(delivery);
      done('ended');
    } catch (error) {
      done('thrown');
      throw error;
    }
  };
}

function watchPools(metrics: Metrics, { db, pools }: AppParts): void {
  metrics.watchPool('own', db.pool);
  for (const [name, database] of Object.entries(pools ?? {})) metrics.watchPool(name, database.pool);
}
