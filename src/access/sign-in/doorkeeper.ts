import { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { accessRefusal } from '../codes.ts';
import type { Credentials } from '../credentials.ts';
import type { Identity } from '../identify.ts';
import type { Answer, Fault, RequestFacts, Route } from '../route.ts';
import { signInRefusal } from './codes.ts';
import { createRefusalCount } from './refusal-count.ts';
import type { SignInSettings } from './settings.ts';
import { createServicePace, createThrottle, type Knock } from './throttle.ts';
import { createStreamWatch } from './watch-streams.ts';

/**
 * What the guard asks about who may knock how often, and what a session is good for now. One for each server; what it
 * counts is shared by all of them through the database.
 */
export interface Doorkeeper {
  /** Refuses whoever failed too often at this address, before anything about them is looked at. */
  readonly admit: (route: Route, request: RequestFacts, now: Date) => Promise<void>;
  /** The same before a password is checked, for the user name at this address. */
  readonly beforeGuess: (request: RequestFacts, now: Date) => (username: string) => Promise<void>;
  /** Refuses whoever does not hold the permission, or holds it and must prove again who they are. */
  readonly permit: (route: Route, identity: Identity, now: Date) => void;
  /** Ends a stream with the session that asked for it. */
  readonly watch: (identity: Identity, answer: Answer) => void;
  /** Counts a fault; gives the fault to answer with and whether it gets an audit row. */
  readonly settle: (tx: Tx, fault: Fault, by: Faulted) => Promise<Settled>;
  /** The same without the database, for senders known to be far over their share; undefined for everybody else. */
  readonly settleKnown: (fault: Fault, by: Faulted) => Settled | undefined;
  readonly close: () => Promise<void>;
}

interface Faulted {
  readonly isStranger: boolean;
  readonly request: RequestFacts;
  readonly credentials: Credentials;
  readonly now: Date;
}

export interface Settled {
  readonly fault: Fault;
  readonly hasRow: boolean;
}

/** Refusals that say that a proof was wrong. */
const failures: ReadonlySet<string> = new Set([
  'access.bad-credentials',
  'access.link-unknown',
  'access.passkey-refused',
  'access.passkey-copied',
  'access.oidc-refused',
  'control.code-unknown',
]);

export function createDoorkeeper(parts: {
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: SignInSettings;
}): Doorkeeper {
  const { db, clock, log, settings } = parts;
  const { limits } = settings;
  const throttle = createThrottle(db, limits);
  const pace = createServicePace(db, clock, log, limits.serviceRequestsPerMinute);
  const refusals = createRefusalCount(db, clock, log, limits.rowsPerAddress);
  const streams = createStreamWatch(db, clock, log, settings);

  return {
    admit: async (route, request, now) => {
      if (route.isGuessable === true) await throttle.admit({ address: request.remoteAddress }, now);
    },
    beforeGuess: (request, now) => async (username) =>
      await throttle.admit({ address: request.remoteAddress, username }, now),
    permit: (route, identity, now) => {
      permitHolder(route, identity);
      if (route.needs === 'recent-sign-in' && identity.session?.state === 'open' && !identity.session.isFresh)
        throw signInRefusal('access.step-up-needed');
      if (identity.actor.kind === 'provider') pace.take(identity.actor.id, now);
    },
    watch: (identity, answer) => {
      const { body } = answer;
      if (identity.session !== undefined && identity.usedKey !== undefined && body instanceof Readable)
        streams.watch(identity.usedKey, body);
    },
    settle: async (tx, fault, by) => {
      if (fault.kind === 'refusal' && failures.has(fault.refusal.code))
        await throttle.failed(tx.db, knockOf(by), by.now);
      if (!by.isStranger || fault.kind === 'bug') return { fault, hasRow: true };
      const counted = await refusals.count(tx, by.request.remoteAddress, by.now);
      return counted === 'row'
        ? { fault, hasRow: true }
        : { fault: tooMany(counted.until, by.now), hasRow: false };
    },
    settleKnown: (fault, by) => {
      if (!by.isStranger || fault.kind === 'bug') return undefined;
      const until = refusals.countKnown(by.request.remoteAddress, by.now);
      return until === undefined ? undefined : { fault: tooMany(until, by.now), hasRow: false };
    },
    close: async () => {
      streams.stop();
      await Promise.all([pace.settled(), refusals.settled()]);
    },
  };
}

function permitHolder(route: Route, { holds, actor, session }: Identity): void {
  if (holds.has(route.permission)) return;
  if (actor.kind === 'anonymous') throw accessRefusal('access.sign-in-needed');
  if (session?.state === 'locked') throw signInRefusal('access.session-locked');
  if (session?.state === 'enrolling') throw signInRefusal('access.passkey-needed');
  throw accessRefusal('access.not-permitted');
}

function knockOf({ request, credentials }: Faulted): Knock {
  const username = credentials.kind === 'basic' ? credentials.username : undefined;
  return { address: request.remoteAddress, username };
}

function tooMany(until: Date, now: Date): Fault {
  const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return { kind: 'refusal', refusal: signInRefusal('access.too-many-attempts', { retryAfterSeconds }) };
}
