import { buildApp, openParts } from '#app';
import { childOfBureau } from '#platform/child';
import { configFromEnvironment } from '#platform/config';
import { createLog } from '#platform/log';
import { measureWorker } from './measuring.ts';

/** The worker process: runs jobs and keeps the clock's jobs. Any number may run on one database. */
const config = configFromEnvironment();
const log = createLog(config.logLevel, 'worker');

await childOfBureau(async (go) => {
  const parts = await openParts(config, go, 'worker', log);
  const app = buildApp(parts);
  const measuring = await measureWorker(config.operation, parts, app);
  const scheduled = app.jobs.flatMap((job) =>
    job.schedule === undefined ? [] : [[job.name, job.schedule] as const],
  );
  await parts.queue.schedule(Object.fromEntries(scheduled));
  await parts.queue.work(
    app.jobs.map((job) => job.name),
    measuring.runDelivery,
    config.workerConcurrency,
  );
  const sealing = app.sealer.keepSealing(config.audit.sealSeconds);
  return {
    stop: async () => {
      await measuring.close();
      await sealing.stop();
      await parts.close();
    },
  };
}, log);
