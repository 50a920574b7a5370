import type { Actor } from './ctx.ts';

/** Who has not said who they are, or not so that it could be believed. */
export const anonymous: Actor = { kind: 'anonymous', id: 'anonymous', name: 'anonymous' };
