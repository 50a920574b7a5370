import { Readable } from 'node:stream';
import { Type } from 'typebox';
import {
  AcceptLossBody,
  AcceptLossReply,
  AuditExportBody,
  AuditLogReply,
  ReportProofReply,
} from '#contract/audit-log';
import type { Clock } from '#platform/clock';
import type { Tx } from '#platform/transaction';
import { hashBytes } from '#proof/merkle';
import { formatVerifierKey } from '#proof/note';
import { parseTilePath, tilesOf, tileWidth } from '#proof/tiles';
import { accessRefusal } from '../codes.ts';
import { requireExportGrant } from '../control/bulk-export.ts';
import type { Actor, Ctx } from '../ctx.ts';
import { defineRoute, type Route, unaudited } from '../route.ts';
import type { SigningKey } from '../signing-key.ts';
import { acceptLoss, acceptLossAction, historySubject } from './accept-loss.ts';
import { type Anchor, sentenceOf, standingOf } from './anchor.ts';
import type { Witness } from './ask-witness.ts';
import { type ExportParts, exportLog, readBundles, withCosignatures } from './export-log.ts';
import { proveReport } from './prove-report.ts';
import type { LogSource } from './sources.ts';
import * as store from './store.ts';

export interface AuditLogRouteParts {
  readonly sources: readonly LogSource[];
  readonly signingKey: SigningKey;
  readonly witnesses: readonly Witness[];
  readonly anchor: Anchor;
  readonly clock: Clock;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor?: Actor) => Promise<T>;
}

const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ReportParams = Type.Object({ reportId: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }) });
const ProofQuery = Type.Object({
  size: Type.Optional(Size),
  from: Type.Optional(Size),
  after: Type.Optional(Size),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
const usualLimit = 100;

export function auditLogRoutes(parts: AuditLogRouteParts): readonly Route[] {
  const exported: ExportParts = {
    sources: parts.sources,
    verifierKeys: parts.signingKey.published.map((key) => key.verifierKey),
    witnessKeys: parts.witnesses.map(({ key }) => formatVerifierKey(key)),
  };
  return [
    stateRoute(parts),
    exportRoute(parts, exported),
    proofRoute(exported),
    ...tileRoutes(exported),
    lossRoute(parts),
  ];
}

function stateRoute(parts: AuditLogRouteParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/desk/audit-log',
    permission: 'audit:read',
    audit: unaudited('says how far the log is sealed; no row of it and nothing of any report or person'),
    summary: 'Up to where the audit is sealed, who witnessed it, and what is wrong, if anything is',
    reply: AuditLogReply,
    handle: async (ctx) => ({ body: await readState(ctx, parts) }),
  });
}

async function readState(ctx: Ctx, parts: AuditLogRouteParts): Promise<AuditLogReply> {
  const { db } = ctx.tx;
  const newest = await store.newestCheckpoint(db);
  const lastAuditRow = await store.lastEntryOf(db, 'audit');
  const standing = await standingOf(db, await parts.anchor.read());
  const trouble = sentenceOf(standing);
  const known = new Map((await store.witnessRows(db)).map((row) => [row.name, row]));
  return {
    origin: parts.signingKey.name,
    size: newest?.size ?? 0,
    pending: await store.countPending(db),
    history: standing.kind,
    ...(newest !== undefined && {
      sealedAt: newest.signedAt.toISOString(),
      checkpoint: await withCosignatures(ctx, newest),
    }),
    ...(lastAuditRow !== undefined && { lastAuditRow }),
    ...(trouble !== undefined && { trouble }),
    witnesses: parts.witnesses.map(({ key: { name } }) => {
      const row = known.get(name);
      return {
        name,
        size: row?.size ?? 0,
        ...(row !== undefined && { askedAt: row.askedAt.toISOString() }),
        ...(row?.answeredAt != null && { answeredAt: row.answeredAt.toISOString() }),
        ...(row?.trouble != null && { trouble: row.trouble }),
      };
    }),
  };
}

function exportRoute(parts: AuditLogRouteParts, exported: ExportParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/desk/audit-log/export',
    permission: 'audit:export',
    needs: 'recent-sign-in',
    audit: 'export-audit-log',
    summary: 'The whole audit log as files in a tar, to be verified anywhere',
    body: AuditExportBody,
    handle: async (ctx, { body }) => {
      const { tx, actor, log } = ctx;
      // Whoever holds the machine's token reads its database anyway; a second person there would only be a show.
      const granted = actor.kind === 'staff' ? await requireExportGrant(ctx, 'audit') : body.proposal;
      const checkpoint = await store.newestCheckpoint(tx.db);
      if (checkpoint === undefined) throw accessRefusal('access.nothing-sealed');
      // The export outlives this request's transaction and opens short ones of its own.
      const run = async <T>(work: (ctx: Ctx) => Promise<T>): Promise<T> =>
        await parts.inTransaction((own) => work({ tx: own, actor, now: parts.clock.now(), log }), actor);
      const files = Readable.from(exportLog(run, exported, checkpoint, body.fromBundle ?? 0), {
        objectMode: false,
      });
      files.on('error', (err) => log.error({ err }, 'an export of the audit log broke off'));
      return {
        headers: { 'content-type': 'application/x-tar' },
        body: files,
        subject: 'audit-log:all',
        details: {
          size: checkpoint.size,
          fromBundle: body.fromBundle ?? 0,
          ...(granted !== undefined && { proposal: granted }),
        },
      };
    },
  });
}

function proofRoute(parts: ExportParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/desk/audit-log/reports/:reportId/proof',
    permission: 'audit:export',
    audit: 'prove-report',
    summary: 'The audit rows about one report, each with the proof that it stands in the log',
    params: ReportParams,
    query: ProofQuery,
    reply: ReportProofReply,
    handle: async (ctx, { params, query }) => {
      const { limit = usualLimit, ...question } = query;
      const body = await proveReport(ctx, parts, { ...params, ...question, limit });
      return { body, subject: `report:${params.reportId}`, details: { count: body.items.length } };
    },
  });
}

/** The log as C2SP tlog-tiles serves it: a monitor that sends the machine's token can follow it. */
function tileRoutes(parts: ExportParts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/audit-log/checkpoint',
      permission: 'audit:export',
      audit: 'read-audit-checkpoint',
      summary: 'The newest signed checkpoint of the audit log (C2SP tlog-checkpoint)',
      handle: async (ctx) => {
        const checkpoint = await store.newestCheckpoint(ctx.tx.db);
        if (checkpoint === undefined) throw accessRefusal('access.nothing-sealed');
        const body = await withCosignatures(ctx, checkpoint);
        return { headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/audit-log/tile/*',
      permission: 'audit:export',
      audit: 'read-audit-tile',
      summary: 'One tile of hashes or one bundle of entries of the audit log (C2SP tlog-tiles)',
      handle: async (ctx, { params }) => {
        const path = `tile/${restOf(params)}`;
        const bytes = await readTileFile(ctx, parts, path);
        if (bytes === undefined) throw accessRefusal('access.unknown-tile');
        return {
          headers: { 'content-type': 'application/octet-stream' },
          body: bytes,
          subject: `audit-log:${path}`,
        };
      },
    }),
  ];
}

/** What the star of a path stands for; a tile's own grammar checks it. */
function restOf(params: unknown): string {
  const rest = typeof params === 'object' && params !== null && '*' in params ? params['*'] : '';
  return String(rest).slice(0, 64);
}

async function readTileFile(ctx: Ctx, parts: ExportParts, path: string): Promise<Buffer | undefined> {
  const name = parseTilePath(path);
  if (name === undefined) return undefined;
  const { kind, index, width } = name;
  const size = (await store.newestCheckpoint(ctx.tx.db))?.size ?? 0;
  const { full, partial } = tilesOf(kind === 'entries' ? 0 : kind, size);
  if (width > (index < full ? tileWidth : index === full ? partial : 0)) return undefined;
  if (kind === 'entries') {
    const [bundle] = await readBundles(ctx, parts.sources, index * tileWidth + width, index, 1);
    return bundle?.bytes;
  }
  return (await store.tileAt(ctx.tx.db, kind, index))?.subarray(0, width * hashBytes);
}

function lossRoute(parts: AuditLogRouteParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/desk/audit-log/accept-loss',
    permission: 'audit:settle',
    audit: acceptLossAction,
    summary: 'Says that what a database that was set back no longer holds is lost, so that sealing goes on',
    body: AcceptLossBody,
    reply: AcceptLossReply,
    handle: async (ctx, { body }) => {
      const { reply, root } = await acceptLoss(ctx, parts.anchor);
      return { body: reply, subject: historySubject, why: body.why, details: { ...reply, root } };
    },
  });
}
