import { fromKysely, type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { connectionOf } from './postgres/connection.ts';

/** Jobs in the same database as the data they are about. A job's payload is one id and nothing else. */
export interface QueuedJob {
  readonly name: string;
  readonly subject: string;
}

/** One delivery of a job to a worker. */
export interface Delivery extends QueuedJob {
  /** From 1; a redelivered job counts up. */
  readonly attempt: number;
  /** Whether the queue gives up when this attempt throws. */
  readonly isLast: boolean;
  /** The queue has given up already: its worker was killed or stalled at every attempt. */
  readonly isDead: boolean;
}

export interface JobQueue {
  /** Enqueues inside the caller's transaction: the job exists exactly if the transaction commits. */
  readonly enqueue: (tx: Tx, jobs: readonly QueuedJob[]) => Promise<void>;
  /** Begins to work; `handle` runs one delivery and throws to have it retried with back-off. */
  readonly work: (
    names: readonly string[],
    handle: (delivery: Delivery) => Promise<void>,
    concurrency: number,
  ) => Promise<void>;
  /** Runs what is due until nothing is left, one after the other, and says how many ran: for tests and for one-off runs. */
  readonly drain: (
    names: readonly string[],
    handle: (delivery: Delivery) => Promise<void>,
  ) => Promise<number>;
  /** Registers jobs that run by the clock: name to five-field cron, UTC. */
  readonly schedule: (times: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Where jobs go that were killed too often to report their own failure. */
const deadLetterQueue = 'needs-attention';

/** Five more attempts over about a minute and a half, then a person is asked. Chosen, not measured. */
const retryLimit = 5;
const retryDelaySeconds = 2;
const retryDelayMaxSeconds = 120;
/** The shortest heartbeat pg-boss takes: a killed worker's jobs come back after it. */
const heartbeatSeconds = 10;
/** A fetch that comes back full is followed by the next at once; pg-boss does this for batches only. */
const batchSize = 10;
/** How often a worker looks by itself, besides being woken. */
const pollSeconds = 2;
/** How often a worker looks for jobs whose worker was killed; they come back after heartbeat, this and the first delay. */
const lookForLostSeconds = 5;
/** Finished jobs are kept a day for whoever looks into what happened. */
const keepSeconds = 24 * 60 * 60;

interface Payload {
  readonly subject: string;
}

/** Creates the queue's own schema and every queue. Run once per start, before anything enqueues or works. */
export async function installQueues(
  url: string,
  queues: readonly { readonly name: string; readonly isPatient?: true }[],
  log: Logger,
): Promise<void> {
  const boss = new PgBoss({ ...connectionOf(url), supervise: false, schedule: false, max: 2 });
  boss.on('error', (err) => log.error({ err }, 'job queue'));
  await boss.start();
  try {
    const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
    const options = {
      retryLimit,
      retryDelay: retryDelaySeconds,
      retryBackoff: true,
      retryDelayMax: retryDelayMaxSeconds,
      heartbeatSeconds,
      deleteAfterSeconds: keepSeconds,
      notify: true,
    };
    if (!existing.has(deadLetterQueue)) await boss.createQueue(deadLetterQueue, options);
    for (const { name, isPatient } of queues) {
      const queue = { ...options, notify: isPatient !== true, deadLetter: deadLetterQueue };
      if (existing.has(name)) await boss.updateQueue(name, queue);
      else await boss.createQueue(name, queue);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * Opens the queue for one process. A server only enqueues; a worker also works and keeps time.
 * @param role `sender` opens no listening connection and supervises nothing
 */
export async function openQueue(url: string, role: 'sender' | 'worker', log: Logger): Promise<JobQueue> {
  const isWorker = role === 'worker';
  const boss = new PgBoss({
    ...connectionOf(url),
    max: isWorker ? 4 : 1,
    migrate: false,
    supervise: isWorker,
    schedule: isWorker,
    useListenNotify: isWorker,
    superviseIntervalSeconds: lookForLostSeconds,
    monitorIntervalSeconds: lookForLostSeconds,
    cronWorkerIntervalSeconds: 5,
    cronMonitorIntervalSeconds: 15,
  });
  boss.on('error', (err) => log.error({ err }, 'job queue'));
  await boss.start();
  return {
    enqueue: async (tx, jobs) => {
      const byName = Map.groupBy(jobs, (job) => job.name);
      const db = fromKysely(tx.db);
      for (const [name, group] of byName) {
        await boss.insert(
          name,
          group.map((job) => ({ data: { subject: job.subject } })),
          { db },
        );
      }
    },
    work: async (names, handle, concurrency) => {
      const options = {
        localConcurrency: concurrency,
        batchSize,
        burstWhenBatchFull: true,
        perJobResults: true,
        includeMetadata: true,
        pollingIntervalSeconds: pollSeconds,
        notifyPollingIntervalSeconds: pollSeconds,
      } as const;
      for (const name of [...names, deadLetterQueue]) {
        await boss.work(name, options, async (batch: JobWithMetadata<Payload>[]) => {
          const results: JobResult[] = [];
          for (const job of batch) {
            const status = await handle(deliveryOf(name, job)).then(
              () => 'completed' as const,
              () => 'failed' as const,
            );
            results.push({ id: job.id, status });
          }
          return results;
        });
      }
    },
    drain: async (names, handle) => {
      let ran = 0;
      for (let before = -1; before !== ran; ) {
        before = ran;
        for (const name of [...names, deadLetterQueue]) {
          for (const job of await boss.fetch<Payload>(name, { batchSize: 100, includeMetadata: true })) {
            ran += 1;
            await handle(deliveryOf(name, job)).then(
              async () => await boss.complete(name, job.id),
              async () => await boss.fail(name, job.id),
            );
          }
        }
      }
      return ran;
    },
    schedule: async (times) => {
      const known = await boss.getSchedules();
      for (const entry of known) if (times[entry.name] === undefined) await boss.unschedule(entry.name);
      for (const [name, cron] of Object.entries(times)) await boss.schedule(name, cron, { subject: 'clock' });
    },
    stop: async () => {
      await boss.stop({ graceful: true, timeout: 10_000 });
    },
  };
}

function deliveryOf(queue: string, job: JobWithMetadata<Payload>): Delivery {
  const isDead = queue === deadLetterQueue;
  return {
    name: isDead ? (job.sourceName ?? queue) : queue,
    subject: job.data?.subject ?? 'clock',
    attempt: isDead ? retryLimit + 1 : job.retryCount + 1,
    isLast: !isDead && job.retryCount >= job.retryLimit,
    isDead,
  };
}
