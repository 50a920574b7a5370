import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import {
  accessRoutes,
  createJobRunner,
  createPasswordCheck,
  createUseNotes,
  defineRoute,
  docsPage,
  docsPolicy,
  type JobDefinition,
  mountFamilies,
  openApiDocument,
  presentDeskProblem,
  presentProblem,
  type RouteFamily,
  unaudited,
} from '#access';
import { assessJobs, assessRoutes } from '#assess';
import { intakeFamilies, intakeJobs } from '#intake';
import { jobsFor } from '#pipeline';
import { isDemonstration, machineToken } from '#platform/bureau';
import { type Clock, systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import { createHttpServer } from '#platform/http';
import { type Delivery, type JobQueue, openQueue } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { type Database, openDatabase } from '#platform/postgres';
import type { StaticFile } from '#platform/static-files';
import type { Tx } from '#platform/transaction';
import { inTransaction } from '#platform/unit-of-work';
import { version } from '#platform/version';
import { healthFamily, pagesFamily, screenRoutes } from '#screens';
import { openVault, type Vault, vaultJobs, vaultRoutes } from '#vault';

/** Everything one process of the bureau is made of; built once, by hand, from parts that somebody else opened. */
export interface AppParts {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Logger;
  readonly machineToken: string;
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean; readonly version: string };
  readonly sessionHours: number;
  readonly maxDocumentBytes: number;
  readonly publicUrl?: string;
  /** The built console; without it the bureau serves its API only. */
  readonly pages?: ReadonlyMap<string, StaticFile>;
}

export interface App {
  readonly families: readonly RouteFamily[];
  readonly jobs: readonly JobDefinition[];
  readonly runDelivery: (delivery: Delivery) => Promise<void>;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Builds an HTTP server with every route mounted; the caller lets it listen and closes it. */
  readonly createServer: () => FastifyInstance;
}

/**
 * Opens what a process of a running bureau stands on. The schema, the queues, the key and the machine's token must
 * be there already: `admin.ts` makes them.
 */
export async function openParts(
  config: Config,
  databaseUrl: string,
  role: 'sender' | 'worker',
  log: Logger,
): Promise<Omit<AppParts, 'pages'> & { readonly close: () => Promise<void> }> {
  const db = openDatabase(databaseUrl, {
    max: role === 'sender' ? serverConnections : config.workerConcurrency * 2 + 2,
  });
  const vault = await openVault({
    folder: join(config.dataFolder, 'evidence'),
    keyFile: config.keyFile,
    create: false,
  });
  const queue = await openQueue(databaseUrl, role, log);
  return {
    db,
    vault,
    queue,
    clock: systemClock,
    log,
    machineToken: await machineToken(config.dataFolder),
    bureau: { name: config.bureauName, isDemonstration: await isDemonstration(config.dataFolder), version },
    sessionHours: config.sessionHours,
    maxDocumentBytes: config.maxDocumentBytes,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    close: async () => {
      await queue.stop();
      await db.close();
    },
  };
}

/** Enough for many small transactions at once; one server's share of PostgreSQL's hundred. */
const serverConnections = 20;

/** Every job that the bureau knows, for creating the queues. */
export function jobDefinitions(vault: Vault): readonly JobDefinition[] {
  return [...intakeJobs, ...vaultJobs(vault), ...assessJobs];
}

export function buildApp(parts: AppParts): App {
  const db = parts.db.kysely;
  const run = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    await inTransaction(db, async (tx, events) => await parts.queue.enqueue(tx, jobsFor(events)), work);
  const jobs = jobDefinitions(parts.vault);
  const families: RouteFamily[] = [
    ...intakeFamilies({
      vault: parts.vault,
      db,
      clock: parts.clock,
      bureau: parts.bureau,
      maxDocumentBytes: parts.maxDocumentBytes,
    }),
    {
      name: 'desk',
      prefix: '/v1',
      signIn: 'staff',
      presentFault: presentDeskProblem(parts.bureau.isDemonstration),
      routes: [
        ...accessRoutes({
          bureau: parts.bureau,
          sessionHours: parts.sessionHours,
          enqueue: parts.queue.enqueue,
          families: () => families,
        }),
        ...assessRoutes,
        ...screenRoutes({ db, listenUrl: parts.db.url, bureau: parts.bureau, log: parts.log }),
        ...vaultRoutes({ vault: parts.vault, clock: parts.clock, inTransaction: run }),
      ],
    },
    healthFamily({ db, storeReady: async () => await parts.vault.store.checkWritable() }),
  ];
  families.push(documentationFamily(() => families, parts.bureau.version));
  if (parts.pages !== undefined) families.push(pagesFamily(parts.pages));
  return {
    families,
    jobs,
    inTransaction: run,
    runDelivery: createJobRunner(jobs, { db, clock: parts.clock, log: parts.log, inTransaction: run }),
    createServer: () => {
      const server = createHttpServer();
      const useNotes = createUseNotes(db, parts.log);
      server.addHook('onClose', async () => await useNotes.settled());
      mountFamilies(server, families, {
        db,
        clock: parts.clock,
        log: parts.log,
        inTransaction: run,
        checkPassword: createPasswordCheck(),
        machineToken: parts.machineToken,
        useNotes,
        ...(parts.publicUrl === undefined ? {} : { publicUrl: parts.publicUrl }),
      });
      return server;
    },
  };
}

/** The API's description and a page to read it, for everybody: they say how to knock, not who is in. */
function documentationFamily(families: () => readonly RouteFamily[], version: string): RouteFamily {
  const audit = unaudited('serves the public description of the API');
  const document = () =>
    openApiDocument(
      families().filter((family) => family.prefix === '/v1'),
      { version },
    );
  return {
    name: 'documentation',
    prefix: '/v1',
    signIn: 'none',
    presentFault: presentProblem,
    routes: [
      defineRoute({
        method: 'GET',
        path: '/openapi.json',
        permission: 'anyone',
        audit,
        summary: 'This API as OpenAPI 3.1',
        withoutDatabase: true,
        handle: async () => ({ body: document() }),
      }),
      defineRoute({
        method: 'GET',
        path: '/docs',
        permission: 'anyone',
        audit,
        summary: 'This API as a page',
        withoutDatabase: true,
        handle: async () => ({
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': docsPolicy },
          body: docsPage(document()),
        }),
      }),
    ],
  };
}
