import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import {
  type Actor,
  type Anchor,
  accessRoutes,
  auditLogJobs,
  auditLogRoutes,
  bulkExport,
  createDoorkeeper,
  createJobRunner,
  createLookUpRecorder,
  createOidcClient,
  createPasswordCheck,
  createSealer,
  createShedNotes,
  createUseNotes,
  type DigestKey,
  defineRoute,
  docsPage,
  docsPolicy,
  emergencyJobs,
  type JobDefinition,
  mountFamilies,
  openAnchor,
  openApiDocument,
  openDigestKey,
  openSigningKey,
  openWitness,
  presentDeskProblem,
  presentProblem,
  type RouteFamily,
  type Sealer,
  type SignInSettings,
  type SigningKey,
  signInJobs,
  signInSettings,
  signingKeyFamily,
  unaudited,
  type Witness,
} from '#access';
import { assessJobs, assessRoutes } from '#assess';
import { createDecoder, type Decoder } from '#decoder';
import { type FingerprintParts, fingerprintJobs, fingerprintRoutes } from '#fingerprint';
import { createIntakeGate, deskReceiptRoute, type GateState, intakeFamilies, intakeJobs } from '#intake';
import { jobsFor } from '#pipeline';
import { isDemonstration, machineToken } from '#platform/bureau';
import type { GoMessage } from '#platform/child';
import { type Clock, systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import type { ControlConfig } from '#platform/config-control';
import { type IntakeLimits, readIntakeLimits } from '#platform/config-intake';
import { ConfigReader } from '#platform/config-reader';
import type { DB } from '#platform/database-types';
import { type BodyPace, createHttpServer } from '#platform/http';
import { type Delivery, type JobQueue, openQueue } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { watchLoopLag } from '#platform/loop-lag';
import { type Database, openDatabase } from '#platform/postgres';
import type { StaticFile } from '#platform/static-files';
import type { Tx } from '#platform/transaction';
import { inTransaction } from '#platform/unit-of-work';
import { vacuumTables } from '#platform/vacuum';
import { version } from '#platform/version';
import { type RetainParts, retainControlled, retainJobs, retainRoutes } from '#retain';
import { healthFamily, pagesFamily, screenRoutes } from '#screens';
import { knownKeys, openVault, rotateKeys, type Vault, vaultJobs, vaultRoutes } from '#vault';
import { logSources } from './log-sources.ts';

/** Everything one process of the bureau is made of; built once, by hand, from parts that somebody else opened. */
export interface AppParts {
  /** What the process connects as by default: the desk in a server, the worker in a worker. */
  readonly db: Database;
  /** Where one process needs more than one role: each actor gets a connection that may do what its kind may. */
  readonly pools?: Partial<Record<'door' | 'intake' | 'jobs', Database>>;
  readonly queue: JobQueue;
  readonly vault: Vault;
  /** Looks at files, in processes that may break. */
  readonly decoder: Decoder;
  readonly signingKey: SigningKey;
  readonly digestKey: DigestKey;
  /** File that names what was erased for good, for whoever restores an older backup. */
  readonly erasuresFile: string;
  readonly control: ControlConfig;
  readonly auditLog: {
    readonly anchor: Anchor;
    readonly witnesses: readonly Witness[];
    readonly witnessSeconds: number;
  };
  readonly clock: Clock;
  readonly log: Logger;
  readonly machineToken: string;
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean; readonly version: string };
  readonly signIn: SignInSettings;
  readonly maxDocumentBytes: number;
  /** How much intake takes on at once; the usual where absent. */
  readonly intakeLimits?: IntakeLimits;
  /** How late the process is with its own timers; never where absent. */
  readonly loopLagMs?: () => number;
  /** How fast a body has to come in; the usual where absent. */
  readonly bodyPace?: BodyPace;
  readonly publicUrl?: string;
  /** Where the server listens, as it was told. */
  readonly host: string;
  /** Whose word about the sender's address counts. */
  readonly trustedProxies: readonly string[];
  /** The built console; without it the bureau serves its API only. */
  readonly pages?: ReadonlyMap<string, StaticFile>;
}

export interface App {
  readonly families: readonly RouteFamily[];
  readonly jobs: readonly JobDefinition[];
  readonly runDelivery: (delivery: Delivery) => Promise<void>;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor?: Actor) => Promise<T>;
  readonly sealer: Sealer;
  /** Builds an HTTP server with every route mounted; the caller lets it listen and closes it. */
  readonly createServer: () => FastifyInstance;
  /** How much intake has to do now. */
  readonly intakeState: () => GateState;
}

/**
 * Opens what a process of a running bureau stands on. The schema, the queues, the key and the machine's token must
 * be there already: `admin.ts` makes them.
 */
export async function openParts(
  config: Config,
  go: Pick<GoMessage, 'databaseUrl' | 'poolUrls'>,
  role: 'sender' | 'worker',
  log: Logger,
): Promise<Omit<AppParts, 'pages'> & { readonly close: () => Promise<void> }> {
  const { databaseUrl, poolUrls } = go;
  const { door: atTheDoor, desk } = serverConnections;
  // Where everything connects as one, the other roles' share comes on top.
  const ownConnections = poolUrls === undefined ? desk + atTheDoor + config.intake.connections : desk;
  const db = openDatabase(databaseUrl, {
    max: role === 'sender' ? ownConnections : config.workerConcurrency * 2 + 2,
  });
  const pools =
    poolUrls === undefined
      ? undefined
      : {
          door: openDatabase(poolUrls.door, { max: serverConnections.door }),
          intake: openDatabase(poolUrls.intake, { max: config.intake.connections }),
        };
  const vault = await openVault({
    folder: join(config.dataFolder, 'evidence'),
    keyFile: config.keyFile,
    create: false,
    settings: config.evidence,
    known: await knownKeys(db.kysely),
  });
  const loopLag = role === 'sender' ? watchLoopLag() : undefined;
  const queue = await openQueue(databaseUrl, role, log);
  const decoder = createDecoder(config.decoder);
  const isInvented = await isDemonstration(config.dataFolder);
  return {
    db,
    ...(pools === undefined ? {} : { pools }),
    vault,
    decoder,
    signingKey: await openSigningKey(config.signingKeyFile, { create: false }),
    digestKey: await openDigestKey(config.digestKeyFile, { create: false }),
    erasuresFile: config.erasuresFile,
    control: config.control,
    auditLog: {
      anchor: openAnchor(config.anchorFile),
      witnesses: config.audit.witnesses.map(openWitness),
      witnessSeconds: config.audit.witnessSeconds,
    },
    queue,
    clock: systemClock,
    log,
    machineToken: await machineToken(config.dataFolder),
    bureau: { name: config.bureauName, isDemonstration: isInvented, version },
    signIn: signInSettings({ ...config, isDemonstration: isInvented }),
    host: config.host,
    trustedProxies: config.signIn.trustedProxies,
    maxDocumentBytes: config.maxDocumentBytes,
    intakeLimits: config.intake,
    ...(loopLag === undefined ? {} : { loopLagMs: loopLag.recentMs }),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    close: async () => {
      loopLag?.stop();
      await queue.stop();
      await decoder.stop();
      await Promise.all([db, pools?.door, pools?.intake].map(async (one) => await one?.close()));
    },
  };
}

/** Enough for many small transactions at once; one server's share of PostgreSQL's hundred. */
const serverConnections = { door: 4, desk: 8 };

/** Every job that the bureau knows, for creating the queues. */
export function jobDefinitions(
  vault: Vault,
  db: Kysely<DB>,
  retain: () => RetainParts = onlyQueues,
  fingerprint: () => FingerprintParts = onlyQueues,
): readonly JobDefinition[] {
  return [
    ...signInJobs,
    ...auditLogJobs,
    ...intakeJobs({ vault, db }),
    ...vaultJobs(vault, db),
    ...fingerprintJobs(fingerprint),
    ...assessJobs,
    ...emergencyJobs,
    ...retainJobs(retain),
  ];
}

function onlyQueues(): never {
  throw new Error('these definitions are for making queues; they run nothing');
}

/**
 * A connection begins at the door, and only who is known gets one that can do more: the rights of a service cannot
 * reach beyond its own reports, whatever the code above them forgets.
 */
function poolFor(parts: AppParts, actor: Actor | undefined): Database {
  const { pools, db } = parts;
  switch (actor?.kind) {
    case 'anonymous':
      return pools?.door ?? db;
    case 'provider':
      return pools?.intake ?? db;
    case 'system':
      return (actor.id.startsWith('job:') ? pools?.jobs : undefined) ?? db;
    case 'staff':
    case undefined:
      return db;
  }
  return actor satisfies never;
}

export function buildApp(parts: AppParts): App {
  const db = parts.db.kysely;
  const run = async <T>(work: (tx: Tx) => Promise<T>, actor?: Actor): Promise<T> =>
    await inTransaction(
      poolFor(parts, actor).kysely,
      async (tx, events) => await parts.queue.enqueue(tx, jobsFor(events)),
      work,
      actor?.kind === 'provider' ? { providerId: actor.id, environment: actor.environment } : undefined,
    );
  const jobsDb = parts.pools?.jobs?.kysely ?? db;
  const jobs = jobDefinitions(
    parts.vault,
    jobsDb,
    () => ({ ...parts, vacuum: async (tables) => await vacuumTables(jobsDb, tables) }),
    () => parts,
  );
  const foundation = {
    vault: parts.vault,
    db: parts.pools?.intake?.kysely ?? db,
    clock: parts.clock,
    log: parts.log,
    inTransaction: run,
    bureau: parts.bureau,
    maxDocumentBytes: parts.maxDocumentBytes,
    limits: parts.intakeLimits ?? readIntakeLimits(new ConfigReader({})),
    loopLagMs: parts.loopLagMs ?? (() => 0),
    signingKey: parts.signingKey,
  };
  const intake = { ...foundation, gate: createIntakeGate(foundation) };
  const families: RouteFamily[] = [
    ...intakeFamilies(intake),
    {
      name: 'desk',
      prefix: '/v1',
      signIn: 'staff',
      presentFault: presentDeskProblem(parts.bureau.isDemonstration),
      routes: [
        ...accessRoutes({
          signIn: {
            bureau: parts.bureau,
            settings: parts.signIn,
            db: parts.pools?.door?.kysely ?? db,
            inTransaction: run,
            clock: parts.clock,
            oidc: parts.signIn.oidc && createOidcClient(parts.signIn.oidc, parts.clock, parts.log),
          },
          enqueue: parts.queue.enqueue,
          families: () => families,
          control: {
            ...parts.control,
            digestKey: parts.digestKey,
            controlled: [rotateKeys(parts.vault), bulkExport, ...retainControlled],
          },
        }),
        ...fingerprintRoutes({ db }),
        ...assessRoutes,
        ...retainRoutes,
        deskReceiptRoute,
        ...screenRoutes({ db, listenUrl: parts.db.url, bureau: parts.bureau, log: parts.log }),
        ...auditLogRoutes({
          ...parts.auditLog,
          sources: logSources,
          signingKey: parts.signingKey,
          clock: parts.clock,
          inTransaction: run,
        }),
        ...vaultRoutes({ vault: parts.vault, db, clock: parts.clock, inTransaction: run }),
      ],
    },
    healthFamily({ db, storeReady: async () => await parts.vault.checkWritable() }),
  ];
  families.push(signingKeyFamily(parts.signingKey));
  families.push(documentationFamily(() => families, parts.bureau.version));
  if (parts.pages !== undefined) families.push(pagesFamily(parts.pages));
  return {
    families,
    jobs,
    intakeState: () => intake.gate.state(),
    inTransaction: run,
    sealer: createSealer({
      db,
      clock: parts.clock,
      log: parts.log,
      inTransaction: run,
      sources: logSources,
      signingKey: parts.signingKey,
      ...parts.auditLog,
    }),
    runDelivery: createJobRunner(jobs, {
      db: jobsDb,
      clock: parts.clock,
      log: parts.log,
      inTransaction: run,
    }),
    createServer: () => {
      const server = createHttpServer({
        trustedProxies: parts.trustedProxies,
        ...(parts.bodyPace === undefined ? {} : { pace: parts.bodyPace }),
      });
      const door = parts.pools?.door?.kysely ?? db;
      const useNotes = createUseNotes(door, parts.log);
      const doorkeeper = createDoorkeeper({
        db: door,
        clock: parts.clock,
        log: parts.log,
        settings: parts.signIn,
      });
      const shedNotes = createShedNotes({ clock: parts.clock, log: parts.log, inTransaction: run });
      server.addHook('onClose', async () => {
        await doorkeeper.close();
        await shedNotes.close();
        await useNotes.settled();
      });
      mountFamilies(server, families, {
        db: door,
        clock: parts.clock,
        log: parts.log,
        inTransaction: run,
        checkPassword: createPasswordCheck(),
        machineToken: parts.machineToken,
        signIn: parts.signIn,
        doorkeeper,
        shedNotes,
        host: parts.host,
        useNotes,
        recordLookUp: createLookUpRecorder(parts.digestKey),
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
