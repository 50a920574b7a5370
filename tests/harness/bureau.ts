import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addStaff,
  openAnchor,
  openDigestKey,
  openSigningKey,
  type SignInSettings,
  type SigningKey,
  type Witness,
} from '#access';
import { type App, buildApp, jobDefinitions } from '#app';
import type { CredentialReply, Role } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import { createDecoder } from '#decoder';
import { type SettableClock, settableClock } from '#platform/clock';
import type { EvidenceConfig } from '#platform/config-evidence';
import { type IntakeLimits, readIntakeLimits } from '#platform/config-intake';
import { ConfigReader } from '#platform/config-reader';
import { type BodyPace, listen } from '#platform/http';
import { installQueues, openQueue } from '#platform/jobs';
import { createLog, type Logger } from '#platform/log';
import type { StaticFile } from '#platform/static-files';
import { openVault, type Vault } from '#vault';
import { addProvider } from '../../src/access/manage-providers.ts';
import { closeAtEnd, type TestDatabase, testCtx, testDatabase } from './database.ts';

/** A whole bureau in this process: real HTTP, real PostgreSQL, real queue, a real vault in a folder that is removed. */
export interface TestBureau {
  readonly url: string;
  readonly db: TestDatabase;
  readonly vault: Vault;
  readonly signingKey: SigningKey;
  readonly clock: SettableClock;
  readonly app: App;
  /** The folder of the evidence store and its key. */
  readonly folder: string;
  readonly machineToken: string;
  /** Runs every due job until none is left. */
  readonly drain: () => Promise<number>;
  readonly addService: (name: string, environment?: Environment) => Promise<Service>;
  /** Signs somebody in through the one-time link; gives the cookie header. */
  readonly signIn: (name: string, roles: readonly Role[]) => Promise<Staff>;
  readonly stop: () => Promise<void>;
}

export interface Service extends CredentialReply {
  readonly authorization: string;
}

export interface Staff {
  readonly id: string;
  readonly cookie: string;
  /** A request as this person; JSON in, JSON out. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
}

export interface BureauOptions {
  readonly witnesses?: readonly Witness[];
  readonly now?: Date;
  readonly isDemonstration?: boolean;
  readonly maxDocumentBytes?: number;
  /** Another evidence store or a key service. */
  readonly evidence?: EvidenceConfig;
  readonly intakeLimits?: Partial<IntakeLimits>;
  readonly loopLagMs?: () => number;
  readonly bodyPace?: BodyPace;
  readonly pages?: ReadonlyMap<string, StaticFile>;
  readonly port?: number;
  readonly signIn?: Partial<SignInSettings>;
  readonly trustedProxies?: readonly string[];
  readonly publicUrl?: string;
}

/** Links sign in, and nothing runs into a limit or an idle time that is not what a test is about. */
function signInForTests(settings: Partial<SignInSettings> = {}): SignInSettings {
  const many = 1_000_000;
  return {
    linksSignIn: true,
    sessionMinutes: 12 * 60,
    idleMinutes: 12 * 60,
    oidc: undefined,
    limits: {
      freePerName: many,
      freePerAddress: many,
      rowsPerAddress: many,
      asksPerAddress: many,
      serviceRequestsPerMinute: many,
    },
    ...settings,
  };
}

const machineToken = 'test-machine-token-of-forty-characters-00';

/** The parts that only depend on what a test asked for. */
function chosenParts(options: BureauOptions, log: Logger) {
  return {
    log,
    machineToken,
    control: { emergencyMinutes: 60, emergencySessionMinutes: 240 },
    bureau: { name: 'Test bureau', isDemonstration: options.isDemonstration ?? false, version: '0.0.0-test' },
    signIn: signInForTests(options.signIn),
    host: '127.0.0.1',
    trustedProxies: options.trustedProxies ?? ['loopback'],
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    maxDocumentBytes: options.maxDocumentBytes ?? 8 * 1024 * 1024,
    intakeLimits: { ...readIntakeLimits(new ConfigReader({})), ...options.intakeLimits },
    ...(options.bodyPace === undefined ? {} : { bodyPace: options.bodyPace }),
    ...(options.loopLagMs === undefined ? {} : { loopLagMs: options.loopLagMs }),
    ...(options.pages === undefined ? {} : { pages: options.pages }),
  };
}

export async function startTestBureau(options: BureauOptions = {}): Promise<TestBureau> {
  const db = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-bureau-'));
  const log = createLog('silent', 'test');
  const clock = settableClock(options.now ?? new Date('2026-11-24T12:00:00Z'));
  const vault = await openVault({
    folder: join(folder, 'evidence'),
    keyFile: join(folder, 'keys', 'evidence.key'),
    create: true,
    ...(options.evidence === undefined ? {} : { settings: options.evidence }),
  });
  const signingKey = await openSigningKey(join(folder, 'keys', 'signing.key'), { create: true });
  await installQueues(db.url, jobDefinitions(vault, db.kysely), log);
  const pools = { entrance: db.as('entrance'), intake: db.as('intake'), jobs: db.as('worker') };
  const queue = await openQueue(pools.jobs.url, 'sender', log);
  const decoder = createDecoder({ processes: 2, path: process.env.PATH ?? '' });
  const app = buildApp({
    ...chosenParts(options, log),
    db: db.as('desk'),
    pools,
    queue,
    vault,
    decoder,
    signingKey,
    digestKey: await openDigestKey(join(folder, 'keys', 'digest.key'), { create: true }),
    erasuresFile: join(folder, 'erasures.jsonl'),
    auditLog: {
      anchor: openAnchor(join(folder, 'audit-anchor')),
      witnesses: options.witnesses ?? [],
      witnessSeconds: 1,
    },
    clock,
  });
  const server = app.createServer();
  const url = await listen(server, '127.0.0.1', options.port ?? 0);
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    stopping ??= (async () => {
      await server.close();
      await queue.stop();
      await decoder.stop();
      await rm(folder, { recursive: true, force: true });
    })();
    await stopping;
  };
  closeAtEnd(stop);
  return {
    url,
    db,
    vault,
    signingKey,
    clock,
    app,
    folder,
    machineToken,
    stop,
    drain: async () =>
      await queue.drain(
        app.jobs.map((job) => job.name),
        app.runDelivery,
      ),
    addService: async (name, environment = 'production') => {
      const credential = await testCtx(db, { now: clock.now() }).run(
        async (ctx) => await addProvider(ctx, { name, environment }),
      );
      const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
      return { ...credential, authorization: `Basic ${pair}` };
    },
    signIn: async (name, roles) => {
      const link = await testCtx(db, { now: clock.now() }).run(
        async (ctx) => await addStaff(ctx, { name, roles }),
      );
      return await signInBy(url, link);
    },
  };
}

async function signInBy(
  url: string,
  link: { readonly staffId: string; readonly token: string },
): Promise<Staff> {
  const reply = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link.token }),
  });
  if (reply.status !== 201) throw new Error(`sign-in answered ${reply.status}: ${await reply.text()}`);
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    id: link.staffId,
    cookie,
    ask: async (method, path, body) => await askAs(url, cookie, method, path, body),
  };
}

async function askAs(url: string, cookie: string, method: string, path: string, body: unknown) {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}
