import { Type } from 'typebox';
import {
  type LookUp,
  LookUpListReply,
  MarkBody,
  type Sample,
  SampleBody,
  SampleListReply,
  SampleReply,
  UnusualNumbersReply,
  WatchBody,
  WatchListReply,
} from '#contract/oversight';
import { newUuid } from '#platform/random';
import type { Ctx, StaffActor } from '../ctx.ts';
import { defineRoute, type Route } from '../route.ts';
import { controlRefusal } from './codes.ts';
import { CursorText, isUuid, Limit, pageFrom, readCursor, UuidParam, usualLimit } from './cursor.ts';
import type { DigestKey } from './digest-key.ts';
import { drawSample } from './draw-sample.ts';
import * as store from './oversight-store.ts';
import { floors, unusualNumbers } from './unusual-number.ts';
import { watchForm } from './watch-form.ts';

/** How far back usual numbers are taken from. Four weeks hold every shift pattern at least once. */
const baselineDays = 28;
const mostUnusual = 100;

/** What the auditor sees and does; managers do not. Paths are relative to `/v1`. */
export function oversightRoutes(parts: { readonly digestKey: DigestKey }): readonly Route[] {
  return [...lookUpRoutes(), ...watchRoutes(parts.digestKey), ...sampleRoutes()];
}

function lookUpRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/oversight/look-ups',
      permission: 'oversight:audit',
      audit: 'list-look-ups',
      summary:
        'Who opened which report, when and why; those without a task, in an emergency or of somebody watched',
      query: Type.Object({
        show: Type.Optional(Type.Enum(['marked', 'all'])),
        person: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })),
        limit: Type.Optional(Limit),
        cursor: Type.Optional(CursorText),
      }),
      reply: LookUpListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const before = readCursor(query.cursor, 'number');
        const rows = await store.listLookUps(ctx.tx.db, {
          show: query.show ?? 'marked',
          ...(query.person !== undefined && { person: query.person }),
          ...(before !== undefined && { before: before.id }),
          limit: limit + 1,
        });
        const place = (row: store.LookUpRow) => ({ micros: '0', id: row.id });
        const body: LookUpListReply = pageFrom(rows, limit, lookUpOf, place);
        return { body, details: { count: body.items.length } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/oversight/look-ups/:lookUpId/mark',
      permission: 'oversight:audit',
      audit: 'mark-look-up',
      summary: 'Say of a look-up that it is explained, or that it has to be followed up',
      params: Type.Object({ lookUpId: UuidParam }),
      body: MarkBody,
      handle: async (ctx, { params, body }) => {
        const { lookUpId } = params;
        const known = /^[0-9]{1,18}$/.test(lookUpId)
          ? await store.findLookUp(ctx.tx.db, lookUpId)
          : undefined;
        if (known === undefined) throw controlRefusal('control.unknown-look-up');
        await store.insertMark(ctx.tx.db, { lookUpId, ...body, by: named(ctx).actor.id, at: ctx.now });
        const now = await store.findLookUp(ctx.tx.db, lookUpId);
        return {
          body: lookUpOf(now ?? known),
          subject: `look-up:${lookUpId}`,
          why: body.note,
          details: { mark: body.mark },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/oversight/unusual-numbers',
      permission: 'oversight:audit',
      audit: 'list-unusual-numbers',
      summary: 'Hours and days of the last four weeks in which somebody opened unusually many reports',
      reply: UnusualNumbersReply,
      handle: async (ctx) => ({ body: await unusualLately(ctx) }),
    }),
  ];
}

async function unusualLately(ctx: Ctx): Promise<UnusualNumbersReply> {
  const since = new Date(ctx.now.getTime() - baselineDays * 86_400_000);
  const found = [];
  for (const per of ['hour', 'day'] as const) {
    const rows = await (per === 'hour' ? store.hourlyCounts : store.dailyCounts)(ctx.tx.db, since);
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    const counts = rows.map(({ id, from, reports }) => ({ person: id, from: from.getTime(), reports }));
    for (const one of unusualNumbers(counts, floors[per])) {
      const { person, from, ...rest } = one;
      const by = { id: person, name: names.get(person) ?? person };
      found.push({ ...rest, by, per, from: new Date(from).toISOString(), against: [...one.against] });
    }
  }
  return { items: found.sort((a, b) => (a.from < b.from ? 1 : -1)).slice(0, mostUnusual) };
}

function watchRoutes(digestKey: DigestKey): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/oversight/watch-list',
      permission: 'oversight:audit',
      audit: 'list-watch-list',
      summary: 'What is watched, by kind and category; whom it names is kept nowhere',
      query: Type.Object({ limit: Type.Optional(Limit), cursor: Type.Optional(CursorText) }),
      reply: WatchListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const before = readCursor(query.cursor, 'uuid');
        const rows = await store.listWatchEntries(ctx.tx.db, {
          ...(before !== undefined && { before }),
          limit: limit + 1,
        });
        const shown = ({ id, kind, category, addedAt, keyId }: store.WatchRow) => ({
          id,
          kind,
          category,
          addedAt: addedAt.toISOString(),
          isDead: keyId !== digestKey.id,
        });
        const place = (row: store.WatchRow) => ({ micros: row.addedMicros, id: row.id });
        return { body: pageFrom(rows, limit, shown, place) satisfies WatchListReply };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/oversight/watch-list',
      permission: 'oversight:audit',
      audit: 'watch-identifier',
      summary: 'Watch an identifier: whoever opens a report that names it is shown to the auditor',
      body: WatchBody,
      handle: async (ctx, { body }) => {
        const form = watchForm(body.kind, body.value);
        if (form === undefined) throw controlRefusal('control.nothing-to-watch');
        const id = newUuid();
        const entry = { id, kind: body.kind, category: body.category, by: ctx.actor, at: ctx.now };
        const digest = digestKey.digest(`${body.kind}\n${form}`);
        if (!(await store.insertWatchEntry(ctx.tx.db, { ...entry, digest })))
          throw controlRefusal('control.watched-already');
        return {
          status: 201,
          body: { id },
          subject: `watch-entry:${id}`,
          details: { category: body.category },
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/oversight/watch-list/:entryId/removal',
      permission: 'oversight:audit',
      audit: 'stop-watching',
      summary: 'Take an identifier off the watch-list; what it marked stays marked',
      params: Type.Object({ entryId: UuidParam }),
      handle: async (ctx, { params }) => {
        const { entryId } = params;
        if (!isUuid(entryId) || !(await store.removeWatchEntry(ctx.tx.db, entryId, ctx.now)))
          throw controlRefusal('control.unknown-watch-entry');
        return { body: { id: entryId, removed: true }, subject: `watch-entry:${entryId}` };
      },
    }),
  ];
}

function sampleRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/oversight/samples',
      permission: 'oversight:audit',
      audit: 'list-samples',
      summary: 'Monthly samples of look-ups that were drawn, the newest first',
      reply: SampleListReply,
      handle: async (ctx) => ({ body: { items: (await store.listSamples(ctx.tx.db)).map(sampleOf) } }),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/oversight/samples',
      permission: 'oversight:audit',
      audit: 'draw-sample',
      summary: 'Draw a random sample of a month’s look-ups; seed, month and end draw it again',
      body: SampleBody,
      reply: SampleReply,
      handle: async (ctx, { body }) => {
        const id = await drawSample(named(ctx), body);
        const reply = await sampleReply(ctx, id);
        const { seed, size, population } = reply.sample;
        return { status: 201, body: reply, subject: `sample:${id}`, details: { seed, size, population } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/oversight/samples/:sampleId',
      permission: 'oversight:audit',
      audit: 'read-sample',
      summary: 'One sample with its look-ups and what the auditor made of each',
      params: Type.Object({ sampleId: UuidParam }),
      reply: SampleReply,
      handle: async (ctx, { params }) => ({
        body: await sampleReply(ctx, params.sampleId),
        subject: `sample:${params.sampleId}`,
      }),
    }),
  ];
}

async function sampleReply(ctx: Ctx, id: string): Promise<SampleReply> {
  const [row] = isUuid(id) ? await store.listSamples(ctx.tx.db, id) : [];
  if (row === undefined) throw controlRefusal('control.unknown-sample');
  return { sample: sampleOf(row), items: (await store.sampleItems(ctx.tx.db, id)).map(lookUpOf) };
}

function sampleOf(row: store.SampleRow): Sample {
  const { id, month, until, seed, size, population, marked, drawnBy, drawerName, drawnAt } = row;
  return {
    ...{ id, month, until: until.toISOString(), seed, size, population, marked },
    drawnBy: { id: drawnBy, name: drawerName },
    drawnAt: drawnAt.toISOString(),
  };
}

function lookUpOf(row: store.LookUpRow): LookUp {
  const { mark, markNote, markedBy, markerName, markedAt } = row;
  return {
    id: row.id,
    at: row.at.toISOString(),
    by: { id: row.actorId, name: row.actorName },
    reportId: row.reportId,
    task: row.task,
    why: row.why,
    ...(row.emergencyId !== null && { emergencyId: row.emergencyId }),
    watched: row.categories ?? [],
    ...(mark !== null &&
      markedBy !== null &&
      markedAt !== null && {
        mark: {
          mark,
          ...(markNote !== null && { note: markNote }),
          by: { id: markedBy, name: markerName ?? markedBy },
          at: markedAt.toISOString(),
        },
      }),
  };
}

function named(ctx: Ctx): Ctx<StaffActor> {
  const { actor } = ctx;
  if (actor.kind !== 'staff') throw controlRefusal('control.named-person-needed');
  return { ...ctx, actor };
}
