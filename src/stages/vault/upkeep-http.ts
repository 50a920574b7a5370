import type { Kysely } from 'kysely';
import { type Ctx, defineRoute, type Route, unaudited } from '#access';
import type { Sha256 } from '#base/ids';
import {
  EvidenceKeyListReply,
  LetGoReply,
  MoveBody,
  ResealRunItem,
  RestoredReply,
  RetireKeyBody,
  Sha256Params,
  VaultReply,
} from '#contract/vault';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import { discardStaged } from './discard-staged.ts';
import { letGo } from './let-go.ts';
import type { Vault } from './open-vault.ts';
import type { ResealRun } from './reseal-run.ts';
import { restoreSeal, stageSealedCopy } from './restore-seal.ts';
import { retireKey } from './retire-key.ts';
import type { StagedBytes } from './stage-bytes.ts';
import { startMove, startRotation } from './start-reseal.ts';
import { keysInUse, setAsideCopies } from './store-keys.ts';
import { latestRuns, storesInUse } from './store-reseal.ts';
import { verificationState } from './store-verify.ts';

export interface UpkeepRouteParts {
  readonly vault: Vault;
  /** For what is taken in before a transaction opens. */
  readonly db: Kysely<DB>;
  readonly clock: Clock;
}

const figures = unaudited('tells how much stands where and under which key, and nothing of what it is');
const mostRuns = 20;
const mostAside = 100;

/** Keys, stores, and what was found damaged. */
export function upkeepRoutes(parts: UpkeepRouteParts): readonly Route[] {
  return [...keyRoutes(parts.vault), ...storeRoutes(parts.vault), ...repairRoutes(parts)];
}

function keyRoutes(vault: Vault): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/keys',
      permission: 'vault:manage',
      audit: figures,
      summary: 'The keys that evidence is sealed under, by id, and how far a rotation is',
      reply: EvidenceKeyListReply,
      handle: async (ctx) => ({ body: await keyList(ctx, vault) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/keys/rotation',
      permission: 'key:manage',
      audit: 'rotate-keys',
      summary: 'Make a new key and seal everything again under it, in the background',
      reply: ResealRunItem,
      handle: async (ctx) => {
        const run = await startRotation(ctx, vault);
        return { status: 202, body: presentRun(run), subject: `run:${run.id}` };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/keys/retirement',
      permission: 'key:manage',
      audit: 'retire-key',
      summary: 'Take away a key that nothing is sealed under any more',
      body: RetireKeyBody,
      reply: EvidenceKeyListReply,
      handle: async (ctx, { body }) => {
        await retireKey(ctx, vault, body);
        return { status: 202, body: await keyList(ctx, vault), subject: `key:${body.keyId}` };
      },
    }),
  ];
}

function storeRoutes(vault: Vault): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/vault',
      permission: 'vault:manage',
      audit: figures,
      summary: 'How much stands in which store, what is damaged, and what is being sealed again',
      reply: VaultReply,
      handle: async ({ tx: { db } }) => {
        const { oldest, ...state } = await verificationState(db);
        const aside = await setAsideCopies(db, mostAside);
        const body: VaultReply = {
          store: vault.store.id,
          stores: (await storesInUse(db)).map((each) => ({ ...each })),
          verification: {
            days: vault.verifyDays,
            ...state,
            ...(oldest === undefined ? {} : { oldest: oldest.toISOString() }),
          },
          setAside: aside.map(({ sha256, store, place, since, reason }) => ({
            sha256,
            store,
            place,
            since: since.toISOString(),
            reason,
          })),
          runs: (await latestRuns(db, mostRuns)).map(presentRun),
        };
        return { body };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/vault/move',
      permission: 'vault:manage',
      needs: 'recent-sign-in',
      audit: 'move-vault',
      summary: 'Move everything to the store that new evidence goes to, in the background',
      body: MoveBody,
      reply: ResealRunItem,
      handle: async (ctx, { body }) => {
        const run = await startMove(ctx, vault, body);
        return { status: 202, body: presentRun(run), subject: `run:${run.id}` };
      },
    }),
  ];
}

function repairRoutes({ vault, db, clock }: UpkeepRouteParts): readonly Route[] {
  return [
    defineRoute({
      method: 'PUT',
      path: '/desk/vault/files/:sha256',
      permission: 'vault:manage',
      audit: 'restore-file',
      summary: 'Give a damaged or lost file its bytes back, from a sealed copy',
      params: Sha256Params,
      reply: RestoredReply,
      receive: {
        limitBytes: Number.POSITIVE_INFINITY,
        accepts: { 'application/octet-stream': null },
        read: async ({ raw, params }) =>
          await stageSealedCopy(vault, db, raw, {
            sha256: params.sha256 as Sha256,
            now: clock.now(),
          }),
        discard: async (staged: StagedBytes) => await discardStaged(vault, db, staged),
      },
      handle: async (ctx, { params, received }) => {
        const sha256 = params.sha256 as Sha256;
        await restoreSeal(ctx, vault, { sha256, staged: received });
        return { body: { sha256, sizeBytes: received.sizeBytes }, subject: `file:${sha256}` };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/vault/files/:sha256/let-go',
      permission: 'vault:manage',
      needs: 'recent-sign-in',
      audit: 'let-go-copies',
      summary: 'Remove the damaged copies of a file that is sound again',
      params: Sha256Params,
      reply: LetGoReply,
      handle: async (ctx, { params }) => {
        const sha256 = params.sha256 as Sha256;
        const copies = await letGo(ctx, { sha256 });
        return { body: { sha256, copies }, subject: `file:${sha256}` };
      },
    }),
  ];
}

async function keyList(ctx: Ctx, vault: Vault): Promise<EvidenceKeyListReply> {
  const { db } = ctx.tx;
  const current = (await vault.keys.forSealing()).id;
  const known = await keysInUse(db);
  const unknown = vault.keys.ids.filter((id) => known.every(({ keyId }) => keyId !== id));
  const rotation = (await latestRuns(db, mostRuns)).find(({ kind }) => kind === 'rotate');
  return {
    items: [
      ...known.map(({ keyId, madeAt, retiredAt, removedAt, ...rest }) => ({
        id: keyId,
        ...rest,
        isCurrent: keyId === current,
        ...(madeAt === undefined ? {} : { madeAt: madeAt.toISOString() }),
        ...(retiredAt === undefined ? {} : { retiredAt: retiredAt.toISOString() }),
        ...(removedAt === undefined ? {} : { removedAt: removedAt.toISOString() }),
      })),
      ...unknown.map((id) => ({
        id,
        kind: id === vault.keys.kmsKeyId ? ('kms' as const) : ('file' as const),
        isCurrent: id === current,
        files: 0,
        sizeBytes: 0,
        setAside: 0,
      })),
    ],
    ...(rotation === undefined ? {} : { rotation: presentRun(rotation) }),
  };
}

function presentRun({ afterSha256: _, askedAt, stepAt, doneAt, ...run }: ResealRun): ResealRunItem {
  return {
    ...run,
    askedAt: askedAt.toISOString(),
    ...(stepAt === undefined ? {} : { stepAt: stepAt.toISOString() }),
    ...(doneAt === undefined ? {} : { doneAt: doneAt.toISOString() }),
  };
}
