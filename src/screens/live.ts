import { Type } from 'typebox';
import { defineRoute, type Route, unaudited } from '#access';
import { Environment } from '#contract/shapes';
import type { LiveFeed } from './live-feed.ts';

/** `GET /v1/desk/live`: a stream of server-sent events, see `LiveTick`. */
export function liveRoute(feed: LiveFeed): Route {
  return defineRoute({
    method: 'GET',
    path: '/desk/live',
    permission: 'line:read',
    audit: unaudited('tells how many reports wait and when the newest came, nothing of any report'),
    summary: 'Changes of the line, as server-sent events',
    isBackground: () => true,
    query: Type.Object({ environment: Type.Optional(Environment) }),
    // A stream lives for minutes; it must not hold a transaction.
    withoutDatabase: true,
    handle: async (_ctx, { query }) => ({
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body: feed.subscribe(query.environment ?? 'production'),
    }),
  });
}
