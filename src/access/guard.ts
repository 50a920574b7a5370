import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { Outage, Refusal } from '#base/errors';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import { answerUnreadable } from '#platform/http';
import type { Logger } from '#platform/log';
import { isDatabaseUnavailable } from '#platform/postgres-errors';
import { inSpan } from '#platform/traces';
import type { Tx } from '#platform/transaction';
import { anonymous } from './anonymous.ts';
import { recordAudit } from './audit.ts';
import { auditFault } from './audit-fault.ts';
import { drain, isCutOff, readJson } from './body.ts';
import { checked } from './check.ts';
import { accessCodes, accessRefusal } from './codes.ts';
import { inEmergency, underEmergency, whyIn } from './control/in-emergency.ts';
import type { RecordLookUp } from './control/record-look-up.ts';
import { readCredentials } from './credentials.ts';
import type { Actor } from './ctx.ts';
import { DefectList } from './defect-list.ts';
import { type Identity, identify } from './identify.ts';
import type { PasswordCheck } from './passwords.ts';
import type {
  Answer,
  Fault,
  Pass,
  Presented,
  RequestFacts,
  Route,
  RouteFamily,
  RouteInput,
} from './route.ts';
import type { ShedNotes } from './shed-notes.ts';
import { ownOriginOf, senderAddress } from './sign-in/addresses.ts';
import type { Doorkeeper } from './sign-in/doorkeeper.ts';
import type { SignInSettings } from './sign-in/settings.ts';
import type { UseNotes } from './use-notes.ts';

/**
 * The one way in. Every request walks the same steps, in this order:
 * 1. identify: who sends it; 2. permit: does the actor hold the route's permission; 3. receive: take in the body;
 * 4. act: in one transaction, handle and write the audit row; 5. answer, only after the commit.
 * A refusal at any step leaves its own audit row before it is answered.
 */
export interface GuardParts {
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs work in one transaction, with no more rights than this actor needs, and enqueues the jobs that follow. */
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
  readonly checkPassword: PasswordCheck;
  readonly machineToken: string;
  readonly signIn: SignInSettings;
  readonly doorkeeper: Doorkeeper;
  readonly shedNotes: ShedNotes;
  readonly useNotes: UseNotes;
  /** Keeps for the auditor that a person opened what was reported. */
  readonly recordLookUp: RecordLookUp;
  /** Scheme and host for links, when the bureau stands behind a proxy. */
  readonly publicUrl?: string;
  /** Where the server listens, as it was told. */
  readonly host: string;
}

export function mountFamilies(
  server: FastifyInstance,
  families: readonly RouteFamily[],
  parts: GuardParts,
): void {
  for (const family of families) {
    for (const route of family.routes) {
      server.route({
        method: route.method,
        url: `${family.prefix}${route.path}`,
        handler: async (request, reply) =>
          await inSpan(
            `${route.method} ${family.prefix}${route.path}`,
            { 'http.request.method': route.method, 'http.route': `${family.prefix}${route.path}` },
            async () => await serve(parts, family, route, request, reply),
            () => ({ 'http.response.status_code': reply.statusCode, 'firstlight.request_id': request.id }),
          ),
      });
    }
  }
  // An unknown address under a prefix is answered in that family's words, not by the console's page.
  const prefixes = new Set(families.map((family) => family.prefix).filter((prefix) => prefix !== ''));
  for (const prefix of prefixes) {
    for (const address of [prefix, `${prefix}/*`]) {
      server.all(address, async (_request, reply) => reply.callNotFound());
    }
  }
  const familyOf = (url: string) => {
    const [path = ''] = url.split('?', 1);
    return (
      families.find(({ prefix }) => prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`))) ??
      families.find(({ prefix }) => prefix === '')
    );
  };
  server.setNotFoundHandler(async (request, reply) => {
    const fault: Fault = { kind: 'refusal', refusal: accessRefusal('http.unknown-path') };
    return await presentFault(familyOf(request.url), fault, request, reply, parts);
  });
  server.setErrorHandler(async (error, request, reply) => {
    return await presentFault(familyOf(request.url), faultOf(error, request, parts), request, reply, parts);
  });
  answerUnreadable(server, (url, status, requestId) => {
    const refusal = new Refusal('http.unreadable', status, accessCodes['http.unreadable'].sentence);
    const facts = { requestId, remoteAddress: '', headers: {}, baseUrl: '', url };
    const presented = familyOf(url)?.presentFault({ kind: 'refusal', refusal }, facts);
    const headers = { 'cache-control': 'no-store', ...presented?.headers, 'request-id': requestId };
    return { headers, body: typeof presented?.body === 'string' ? presented.body : '' };
  });
}

async function serve(
  parts: GuardParts,
  family: RouteFamily,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const facts = factsOf(request, parts);
  let identity: Identity = { actor: anonymous, holds: new Set(['anyone']) };
  let received: unknown;
  let isReceived = false;
  let pass: Pass | undefined;
  try {
    const now = parts.clock.now();
    refuseOtherOrigins(request, parts.publicUrl);
    await parts.doorkeeper.admit(route, facts, now);
    identity = await whoKnocks(parts, family, route, facts, now);
    identity = await inEmergency(parts.db, identity, { route, params: request.params, now });
    parts.doorkeeper.permit(route, identity, now);
    const params =
      route.params === undefined ? request.params : checked(route.params, request.params, 'params');
    const query = route.query === undefined ? request.query : checked(route.query, request.query, 'query');
    const body =
      route.body === undefined ? undefined : checked(route.body, await readJson(request.raw), 'body');
    pass = await route.admission?.enter({
      raw: request.raw,
      actor: identity.actor,
      params: request.params as Record<string, string>,
    });
    if (route.receive !== undefined) {
      received = await route.receive.read({
        raw: request.raw,
        contentType: request.headers['content-type'] ?? '',
        actor: identity.actor,
        params: request.params as Record<string, string>,
        request: facts,
      });
      isReceived = true;
    }
    await pass?.act(received);
    const asked = underEmergency(facts, identity);
    const input = { params, query, body, received, request: asked } as Parameters<Route['handle']>[1];
    const answer = await act(parts, route, identity.actor, input);
    isReceived = false;
    if (route.isBackground?.(query as never) !== true) noteUse(parts, identity, now);
    parts.doorkeeper.watch(identity, answer);
    return present(reply, facts, presentedAnswer(answer));
  } catch (error) {
    if (isReceived)
      await route.receive
        ?.discard?.(received, codeOf(error))
        .catch((cause: unknown) => parts.log.error({ cause }, 'discard failed'));
    const fault = faultOf(error, request, parts);
    const told = await auditFault(parts, route, identity.actor, fault, underEmergency(facts, identity));
    return await presentFault(family, told, request, reply, parts);
  } finally {
    pass?.leave();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Refusal || error instanceof DefectList ? error.code : 'failed';
}

const noTransaction: Tx = {
  get db(): never {
    throw new Error('a route that works without the database has no transaction');
  },
  record: () => {
    throw new Error('a route that works without the database records nothing');
  },
};

/** When a busy bureau asks to be asked again, in seconds, unless the fault says otherwise. */
const busySeconds = '5';

/** RFC 9110, 10.2.3: when to come back, where the refusal or the kind of trouble says so. */
function waitHeaders(fault: Fault, status: number): Readonly<Record<string, string>> {
  const seconds = fault.kind === 'refusal' ? fault.refusal.details.retryAfterSeconds : undefined;
  if (typeof seconds === 'number') return { 'retry-after': String(seconds) };
  return status === 503 ? { 'retry-after': busySeconds } : {};
}

/** An open door lets in whoever carries a session that has ended, so that signing in again works. */
async function whoKnocks(
  parts: GuardParts,
  family: RouteFamily,
  route: Route,
  request: RequestFacts,
  now: Date,
): Promise<Identity> {
  const credentials = readCredentials(request);
  const isOpenDoor = route.permission === 'anyone' && credentials.kind === 'session';
  const shown = isOpenDoor ? ({ kind: 'none' } as const) : credentials;
  return await identify(parts, shown, family.signIn, now, parts.doorkeeper.beforeGuess(request, now));
}

/** Step 4: the deed and its audit row commit together or not at all. */
async function act(
  parts: GuardParts,
  route: Route,
  actor: Actor,
  input: RouteInput<never, never, never, unknown>,
): Promise<Answer> {
  const now = parts.clock.now();
  if (route.withoutDatabase === true && typeof route.audit !== 'string') {
    return await route.handle(
      { tx: noTransaction, actor, now, log: parts.log },
      input as Parameters<Route['handle']>[1],
    );
  }
  return await parts.inTransaction(async (tx) => {
    const answer = await route.handle(
      { tx, actor, now, log: parts.log },
      input as Parameters<Route['handle']>[1],
    );
    const emergencyId = input.request.emergency;
    const why = whyIn(emergencyId, answer.why);
    if (answer.lookUp !== undefined) {
      const note = answer.lookUp;
      await parts.recordLookUp(tx, { at: now, actor, why: why ?? route.summary, emergencyId, note });
    }
    if (typeof route.audit === 'string') {
      await recordAudit(tx, {
        at: now,
        actor: answer.actor ?? actor,
        action: route.audit,
        outcome: 'done',
        subject: answer.subject,
        why,
        request: input.request,
        details: answer.details,
      });
    }
    return answer;
  }, actor);
}

function faultOf(error: unknown, request: FastifyRequest, parts: GuardParts): Fault {
  if (error instanceof Refusal) return { kind: 'refusal', refusal: error };
  if (error instanceof DefectList) {
    return {
      kind: 'defects',
      status: error.status,
      code: error.code,
      defects: error.defects,
      subject: error.subject,
    };
  }
  if (isDatabaseUnavailable(error)) {
    parts.log.error({ err: error, requestId: request.id }, 'the database does not answer');
    return { kind: 'bug', status: 503, reference: request.id, retryAfterSeconds: 2 };
  }
  if (error instanceof Outage) {
    parts.log.error(
      { err: error, requestId: request.id },
      'something that the bureau stands on does not answer',
    );
    return { kind: 'bug', status: 503, reference: request.id, retryAfterSeconds: 5 };
  }
  const known = httpRefusalOf(error);
  if (known !== undefined) return { kind: 'refusal', refusal: known };
  parts.log.error({ err: error, requestId: request.id, url: request.routeOptions.url }, 'a request failed');
  return { kind: 'bug', status: 500, reference: request.id };
}

/** What the HTTP layer itself refuses, and connections that broke while the body was coming in. */
function httpRefusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return accessRefusal('http.unsupported-type');
  if (isCutOff(error)) return accessRefusal('http.cut-off');
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? accessRefusal('http.unreadable')
    : undefined;
}

/**
 * The session cookie is SameSite=Strict; this is the second lock: a browser that says it comes from elsewhere, or will
 * not say from where (RFC 6454, 7.3: `null`), may not change anything. Not without a cookie either, because signing in
 * gives one: no page of another site may sign its visitor in as somebody. Programs send neither header.
 */
function refuseOtherOrigins(request: FastifyRequest, publicUrl: string | undefined): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host = '' } = request.headers;
  const isElsewhere = origin !== undefined && URL.parse(origin)?.host !== host && origin !== publicUrl;
  if (isElsewhere || request.headers['sec-fetch-site'] === 'cross-site')
    throw accessRefusal('access.wrong-origin');
}

function noteUse(parts: GuardParts, identity: Identity, now: Date): void {
  if (identity.usedKey === undefined) return;
  parts.useNotes.note(identity.actor, identity.usedKey, now);
}

function factsOf(request: FastifyRequest, parts: GuardParts): RequestFacts {
  return {
    requestId: request.id,
    remoteAddress: senderAddress(request.ip, request.socket.remoteAddress),
    headers: request.headers,
    baseUrl: ownOriginOf({
      publicUrl: parts.publicUrl,
      scheme: request.protocol,
      hostHeader: request.headers.host,
      listenHost: parts.host,
      localAddress: request.socket.localAddress,
    }),
  };
}

function presentedAnswer(answer: Answer): Presented {
  const headers = answer.headers ?? {};
  const type = headers['content-type'];
  if (type !== undefined) {
    const body = answer.body;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body) || body instanceof Readable;
    if (!isRaw)
      throw new Error('an answer with a content type of its own has a text, bytes or a stream as body');
    return { status: answer.status ?? 200, headers, body };
  }
  return {
    status: answer.status ?? 200,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(answer.body),
  };
}

async function presentFault(
  family: RouteFamily | undefined,
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GuardParts,
): Promise<FastifyReply> {
  const facts = factsOf(request, parts);
  if (family === undefined) throw new Error('the family without a prefix answers every other address');
  await drain(request.raw);
  // A sender that goes on beyond what is drained must not keep the connection busy.
  if (!request.raw.complete) reply.header('connection', 'close');
  const presented = family.presentFault(fault, { ...facts, url: request.url });
  const headers = { ...waitHeaders(fault, presented.status), ...presented.headers };
  return present(reply, facts, { ...presented, headers });
}

function present(reply: FastifyReply, facts: RequestFacts, presented: Presented): FastifyReply {
  return reply
    .code(presented.status)
    .headers({ 'cache-control': 'no-store', ...presented.headers, 'request-id': facts.requestId })
    .send(presented.body);
}
