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
  emergencyJobs,
  type JobDefinition,
  mountFamilies,
  openAnchor,
  openDigestKey,
  openSigningKey,
  openWitness,
  presentDeskProblem,
  type RouteFamily,
  type Sealer,
  type SignInSettings,
  type SigningKey,
  signInJobs,
  signInSettings,
  signingKeyFamily,
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
import { openKnownVault, rotateKeys, type Vault, vaultJobs, vaultRoutes } from '#vault';
import { documentationFamily } from './documentation-family.ts';
import { logSources } from './log-sources.ts';

/** Everything one process of the bureau is made of; built once, by hand, from parts that somebody else opened. */
export interface AppParts {
  /** What the process connects as by default: the desk in a server, the worker in a worker. */
  readonly db: Database;
  /** Where one process needs more than one role: each actor gets a connection that may do what its kind may. */
  readonly pools?: Partial<Record<'entrance' | 'intake' | 'jobs', Database>>;
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
  /** Rejects when there is too little room for evidence. */
  readonly room?: () => Promise<void>;
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
  const { entrance: atTheEntrance, desk } = serverConnections;
  // Where everything connects as one, the other roles' share comes on top.
  const ownConnections = poolUrls === undefined ? desk + atTheEntrance + config.intake.connections : desk;
  const db = openDatabase(databaseUrl, {
    max: role === 'sender' ? ownConnections : config.workerConcurrency * 2 + 2,
  });
  const pools =
    poolUrls === undefined
      ? undefined
      : {
          entrance: openDatabase(poolUrls.entrance, { max: serverConnections.entrance }),
          intake: openDatabase(poolUrls.intake, { max: config.intake.connections }),
        };
  const vault = await openKnownVault(db.kysely, {
    folder: join(config.dataFolder, 'evidence'),
    keyFile: config.keyFile,
    create: false,
    settings: config.evidence,
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
      await Promise.all([db, pools?.entrance, pools?.intake].map(async (one) => await one?.close()));
    },
  };
}

/** Enough for many small transactions at once; one server's share of PostgreSQL's hundred. */
const serverConnections = { entrance: 4, desk: 8 };

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
 * A connection begins at the entrance, and only who is known gets one that can do more: the rights of a service cannot
 * reach beyond its own reports, whatever the code above them forgets.
 */
function poolFor(parts: AppParts, actor: Actor | undefined): Database {
  const { pools, db } = parts;
  switch (actor?.kind) {
    case 'anonymous':
      return pools?.entrance ?? db;
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
  const run: Run = async (work, actor) =>
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
  const intake = intakePartsOf(parts, run);
  const families: RouteFamily[] = [
    ...intakeFamilies(intake),
    deskFamily(parts, run, () => families),
    healthFamily({ db, vault: parts.vault, room: parts.room }),
    signingKeyFamily(parts.signingKey),
    documentationFamily(() => families, parts.bureau.version),
    ...(parts.pages === undefined ? [] : [pagesFamily(parts.pages)]),
  ];
  const forJobs = { db: jobsDb, clock: parts.clock, log: parts.log, inTransaction: run };
  return {
    families,
    jobs,
    intakeState: () => intake.gate.state(),
    inTransaction: run,
    sealer: createSealer({
      ...forJobs,
      db,
      sources: logSources,
      signingKey: parts.signingKey,
      ...parts.auditLog,
    }),
    runDelivery: createJobRunner(jobs, forJobs),
    createServer: () => serverOf(parts, families, run),
  };
}

type Run = App['inTransaction'];

function intakePartsOf(parts: AppParts, run: Run) {
  const foundation = {
    vault: parts.vault,
    db: parts.pools?.intake?.kysely ?? parts.db.kysely,
    clock: parts.clock,
    log: parts.log,
    inTransaction: run,
    bureau: parts.bureau,
    maxDocumentBytes: parts.maxDocumentBytes,
    limits: parts.intakeLimits ?? readIntakeLimits(new ConfigReader({})),
    loopLagMs: parts.loopLagMs ?? (() => 0),
    signingKey: parts.signingKey,
  };
  return { ...foundation, gate: createIntakeGate(foundation) };
}

/** What staff and the command line use. */
function deskFamily(parts: AppParts, run: Run, families: () => readonly RouteFamily[]): RouteFamily {
  const db = parts.db.kysely;
  const { clock, log, signIn, signingKey, vault } = parts;
  return {
    name: 'desk',
    prefix: '/v1',
    signIn: 'staff',
    presentFault: presentDeskProblem(parts.bureau.isDemonstration),
    routes: [
      ...accessRoutes({
        signIn: {
          bureau: parts.bureau,
          settings: signIn,
          db: parts.pools?.entrance?.kysely ?? db,
          inTransaction: run,
          clock,
          oidc: signIn.oidc && createOidcClient(signIn.oidc, clock, log),
        },
        enqueue: parts.queue.enqueue,
        families,
        control: {
          ...parts.control,
          digestKey: parts.digestKey,
          controlled: [rotateKeys(vault), bulkExport, ...retainControlled],
        },
      }),
      ...fingerprintRoutes({ db }),
      ...assessRoutes,
      ...retainRoutes,
      deskReceiptRoute,
      ...screenRoutes({ db, listenUrl: parts.db.url, bureau: parts.bureau, log }),
      ...auditLogRoutes({ ...parts.auditLog, sources: logSources, signingKey, clock, inTransaction: run }),
      ...vaultRoutes({ vault, db, clock, inTransaction: run }),
    ],
  };
}

function serverOf(parts: AppParts, families: readonly RouteFamily[], run: Run): FastifyInstance {
  const { clock, log, signIn } = parts;
  const server = createHttpServer({
    trustedProxies: parts.trustedProxies,
    ...(parts.bodyPace === undefined ? {} : { pace: parts.bodyPace }),
  });
  const db = parts.pools?.entrance?.kysely ?? parts.db.kysely;
  const useNotes = createUseNotes(db, log);
  const doorkeeper = createDoorkeeper({ db, clock, log, settings: signIn });
  const shedNotes = createShedNotes({ clock, log, inTransaction: run });
  server.addHook('onClose', async () => {
    await doorkeeper.close();
    await shedNotes.close();
    await useNotes.settled();
  });
  mountFamilies(server, families, {
    db,
    clock,
    log,
    inTransaction: run,
    checkPassword: createPasswordCheck(),
    machineToken: parts.machineToken,
    signIn,
    doorkeeper,
    shedNotes,
    host: parts.host,
    useNotes,
    recordLookUp: createLookUpRecorder(parts.digestKey),
    ...(parts.publicUrl === undefined ? {} : { publicUrl: parts.publicUrl }),
  });
  return server;
}
