import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Defect } from '#base/defects';
import type { Refusal } from '#base/errors';
import type { LookUpNote } from './control/record-look-up.ts';
import type { Actor, Ctx } from './ctx.ts';
import type { Permission } from './permissions.ts';

/** Why a route leaves no audit row. Only for what reads nothing personal and changes nothing. */
export interface Unaudited {
  readonly unaudited: string;
}

export function unaudited(reason: string): Unaudited {
  return { unaudited: reason };
}

/** What a handler gives back. `subject` and `why` go into the audit row. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON value, text, bytes or a stream; presented as is when `content-type` is among the headers, else as JSON. */
  readonly body: unknown;
  /** Who it turned out to be, where the request itself could not say: at sign-in. */
  readonly actor?: Actor;
  /** `kind:id` of what was read or changed, for example `report:1000002`. */
  readonly subject?: string;
  /** The task that this was done for (R59), for example `decision on report:1000002`. */
  readonly why?: string;
  /** That a person opened what was reported: kept for the auditor, in the same transaction. */
  readonly lookUp?: LookUpNote;
  /** More for the audit row: ids and counts only. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The parts of a request that every handler may see, parsed and checked by the route's schemas. */
export interface RouteInput<P extends TSchema, Q extends TSchema, B extends TSchema, R> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  readonly body: Static<B>;
  /** What `receive` gave; undefined where there is none. */
  readonly received: R;
  readonly request: RequestFacts;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Scheme and host that the client used, for links in answers. */
  readonly baseUrl: string;
  /** The emergency under which this is asked, where there is one. */
  readonly emergency?: string;
}

/** A body that is taken in before the transaction opens, so that a slow sender holds no lock. */
export interface Receiving<R> {
  /** Largest body in bytes; `Infinity` only for uploads that stream into the vault. */
  readonly limitBytes: number;
  /**
   * Reads the body. Runs after permission was checked and outside any transaction. What it leaves behind must be
   * sweepable, because the transaction that follows may fail.
   */
  readonly read: (incoming: {
    raw: IncomingMessage;
    contentType: string;
    actor: Actor;
    params: Record<string, string>;
    request: RequestFacts;
  }) => Promise<R>;
  /** What it takes, for the description of the API: media type to schema, or null for plain bytes. `read` checks. */
  readonly accepts?: Readonly<Record<string, TSchema | null>>;
  /** Undoes `read` when the transaction that followed failed or refused; `why` is the refusal's code, or `failed`. */
  readonly discard?: (received: R, why: string) => Promise<void>;
}

/** A route's gate, for when more comes than can be done. Both steps throw a Refusal where there is no room. */
export interface Admission {
  /** Before the body is taken in. */
  readonly enter: (incoming: {
    raw: IncomingMessage;
    actor: Actor;
    params: Record<string, string>;
  }) => Promise<Pass>;
}

/** One request's way through a gate. */
export interface Pass {
  /** After the body was taken in and before the transaction opens; `received` is what `read` gave. */
  readonly act: (received: unknown) => Promise<void>;
  /** Gives the room back; called once, however the request ends. */
  readonly leave: () => void;
}

/**
 * One line of the access register: path, permission and audit action belong together and none may be left out.
 * `handle` runs inside one transaction which also holds the audit row; it neither begins nor commits.
 */
export interface Route<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  R = unknown,
> {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly permission: Permission;
  /** The deed's name, as `decide-report`; or the reason why there is no row. */
  readonly audit: string | Unaudited;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly reply?: TSchema;
  readonly receive?: Receiving<R>;
  readonly admission?: Admission;
  readonly handle: (ctx: Ctx, input: RouteInput<P, Q, B, R>) => Promise<Answer>;
  /** Dangerous: whoever has a session must have proved who they are within minutes. Checked after the permission. */
  readonly needs?: 'recent-sign-in';
  /** Takes a proof from somebody not known yet, or work to prepare one: who failed too often waits first. */
  readonly isGuessable?: true;
  /** Asked for by a page on its own, so that it keeps no session awake. */
  readonly isBackground?: (query: Static<Q>) => boolean;
  /** Answers without opening a transaction: only for unaudited routes that must work when the database does not. */
  readonly withoutDatabase?: true;
}

/** Keeps the types of one route together and forgets them for the list. */
export function defineRoute<P extends TSchema, Q extends TSchema, B extends TSchema, R = undefined>(
  route: Route<P, Q, B, R>,
): Route {
  return route as unknown as Route;
}

/** Everything that can go wrong with a request, for a family to put into its own words. */
export type Fault =
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | {
      readonly kind: 'defects';
      readonly status: number;
      readonly code: string;
      readonly defects: readonly Defect[];
      readonly subject?: string | undefined;
    }
  | {
      readonly kind: 'bug';
      readonly status: 500 | 503;
      readonly reference: string;
      readonly retryAfterSeconds?: number;
    };

export interface Presented {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Readable;
}

/** Routes that share a prefix, a way of signing in and a way of saying what went wrong. */
export interface RouteFamily {
  readonly name: string;
  readonly prefix: string;
  /** Who may knock: `service` by HTTP Basic, `staff` by session or the machine's token, `both`, or nobody in particular. */
  readonly signIn: 'service' | 'staff' | 'both' | 'none';
  readonly presentFault: (fault: Fault, request: RequestFacts & { readonly url: string }) => Presented;
  readonly routes: readonly Route[];
}
