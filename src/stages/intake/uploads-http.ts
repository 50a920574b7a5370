import type { IncomingMessage } from 'node:http';
import { Type } from 'typebox';
import {
  type Actor,
  accessRefusal,
  defineRoute,
  presentServiceProblem,
  type Receiving,
  type RequestFacts,
  type Route,
  type RouteFamily,
} from '#access';
import { UploadReply } from '#contract/intake';
import { intakeRefusal } from './codes.ts';
import { takeUpUpload } from './continue-upload.ts';
import { endUpload } from './end-upload.ts';
import { type NamedUpload, requireOpenUpload } from './find-upload.ts';
import {
  bytesIn,
  type Checksum,
  checksumAlgorithms,
  checksumIn,
  metadataIn,
  tusExtensions,
  tusVersion,
} from './formats/upload-headers.ts';
import type { IntakeParts } from './intake-parts.ts';
import { ofProvider, providerOf } from './of-provider.ts';
import { type OpenUpload, openUpload } from './open-upload.ts';
import { refuseUpload } from './read-upload.ts';
import { discardPieces, type ReceivedPiece, readUploadBody } from './read-upload-body.ts';
import { reportIdOf, reportParams } from './report-params.ts';
import { showUpload } from './show-upload.ts';
import { findReportLife } from './store.ts';
import { takePiece } from './take-piece.ts';

/**
 * Uploads that can be resumed: the server side of tus 1.0.0 (https://tus.io/protocols/resumable-upload) for the files
 * of a report. See docs/decisions/0007-resumable-uploads.md.
 */
export function uploadFamily(parts: IntakeParts): RouteFamily {
  return {
    name: 'uploads',
    prefix: '/v1',
    signIn: 'service',
    presentFault: (fault, request) => {
      const answer = presentServiceProblem(fault, request);
      const isVersion = answer.status === 412;
      return {
        ...answer,
        headers: { ...answer.headers, ...tusHeaders, ...(isVersion ? { 'tus-version': tusVersion } : {}) },
      };
    },
    routes: [
      protocolRoute(parts),
      openRoute(parts),
      offsetRoute(parts),
      continueRoute(parts, 'PATCH'),
      continueRoute(parts, 'POST'),
      endRoute(parts),
      showRoute(parts),
    ],
  };
}

const tusHeaders = { 'tus-resumable': tusVersion } as const;
const bodyType = 'application/offset+octet-stream';
const uploadParams = Type.Object({
  ...reportParams.properties,
  uploadId: Type.String({ description: 'from the Location that the upload was begun with' }),
});

function header(request: RequestFacts, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function requireVersion(request: RequestFacts): void {
  if (header(request, 'tus-resumable') !== tusVersion) throw intakeRefusal('intake.upload-version');
}

/** The header's value as `read` gives it, undefined where there is none; refuses one that cannot be read. */
function parsed<T>(
  request: RequestFacts,
  name: string,
  read: (text: string) => T | undefined,
): T | undefined {
  const text = header(request, name);
  if (text === undefined) return undefined;
  const value = read(text);
  if (value === undefined) throw intakeRefusal('intake.upload-header', { header: name });
  return value;
}

function namedBy(params: { readonly reportId?: string; readonly uploadId?: string }): NamedUpload {
  return { reportId: reportIdOf({ reportId: params.reportId ?? '' }), uploadId: params.uploadId ?? '' };
}

function protocolRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'OPTIONS',
    path: '/reports/:reportId/uploads',
    permission: 'intake:send',
    audit: 'show-upload-protocol',
    summary: 'Which version and extensions of tus are spoken here.',
    params: reportParams,
    admission: parts.gate.admit('plain'),
    handle: async () => ({
      status: 204,
      headers: {
        ...plain,
        'tus-version': tusVersion,
        'tus-extension': tusExtensions.join(','),
        'tus-checksum-algorithm': checksumAlgorithms.join(','),
      },
      body: '',
    }),
  });
}

/** An answer without a body. */
const plain = { ...tusHeaders, 'content-type': 'text/plain' } as const;

/** What begins an upload; with a body, where that already holds its first bytes. */
function newUploadIn(request: RequestFacts, reportId: string): OpenUpload {
  const lengthBytes = parsed(request, 'upload-length', bytesIn);
  const isLater = header(request, 'upload-defer-length') === '1';
  if ((lengthBytes === undefined) !== isLater) {
    throw intakeRefusal('intake.upload-header', { header: 'upload-length' });
  }
  const metadata = parsed(request, 'upload-metadata', metadataIn);
  return { reportId: reportIdOf({ reportId }), lengthBytes, metadata };
}

interface BegunUpload {
  readonly asked: OpenUpload;
  /** Where the request brought the first bytes, and the upload was therefore begun before them. */
  readonly piece?: ReceivedPiece;
}

function openRoute(parts: IntakeParts): Route {
  const receive: Receiving<BegunUpload> = {
    limitBytes: Number.POSITIVE_INFINITY,
    read: async ({ raw, contentType, actor, params, request }) => {
      requireVersion(request);
      const asked = newUploadIn(request, params.reportId ?? '');
      if (contentType !== bodyType) return { asked };
      const provider = providerOf(actor);
      const { reportId } = asked;
      await parts.gate.admitStream(raw, provider, reportId);
      const turn = await parts.inTransaction(async (tx) => {
        const ctx = { tx, actor: provider, now: parts.clock.now(), log: parts.log };
        const { uploadId } = await openUpload(ctx, asked);
        return await takeUpUpload(ctx, { reportId, uploadId, offsetBytes: 0, lengthBytes: undefined });
      }, provider);
      const checksum = checksumOf(request);
      return { asked, piece: await readUploadBody(parts, { raw, actor: provider, request, checksum }, turn) };
    },
    discard: async ({ piece }, why) => {
      if (piece !== undefined) await discardPiece(parts, piece, why);
    },
  };
  return defineRoute({
    method: 'POST',
    path: '/reports/:reportId/uploads',
    permission: 'intake:send',
    audit: 'open-upload',
    summary: 'Begins an upload that can be resumed (tus 1.0.0: creation); PATCH its Location to send bytes.',
    params: reportParams,
    receive,
    admission: parts.gate.admit('upload'),
    handle: async (ctx, { received, request }) => {
      const { asked, piece } = received;
      const { reportId } = asked;
      const opened = piece === undefined ? await openUpload(ofProvider(ctx), asked) : undefined;
      const taken = piece === undefined ? undefined : await takePiece(ofProvider(ctx), parts.vault, piece);
      const uploadId = opened?.uploadId ?? piece?.turn.uploadId ?? '';
      const expiresAt = opened?.expiresAt ?? taken?.expiresAt ?? ctx.now;
      return {
        status: 201,
        headers: {
          ...plain,
          location: `${request.baseUrl}/v1/reports/${reportId}/uploads/${uploadId}`,
          'upload-expires': expiresAt.toUTCString(),
          ...(taken === undefined ? {} : { 'upload-offset': String(taken.offsetBytes) }),
        },
        body: '',
        subject: `report:${reportId}`,
        details: { uploadId },
      };
    },
  });
}

function checksumOf(request: RequestFacts): Checksum | undefined {
  return parsed(request, 'upload-checksum', checksumIn);
}

function offsetRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'HEAD',
    path: '/reports/:reportId/uploads/:uploadId',
    permission: 'intake:send',
    audit: 'show-upload-offset',
    summary: 'How many bytes of an upload are durable.',
    params: uploadParams,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params, request }) => {
      requireVersion(request);
      const named = namedBy(params);
      const { id: providerId } = providerOf(ctx.actor);
      const upload = await requireOpenUpload(ctx.tx.db, providerId, named, ctx.now);
      const expiresAt = await findReportLife(ctx.tx.db, named.reportId);
      const { lengthBytes, metadata } = upload;
      return {
        headers: {
          ...plain,
          'upload-offset': String(upload.offsetBytes),
          ...(lengthBytes === undefined
            ? { 'upload-defer-length': '1' }
            : { 'upload-length': String(lengthBytes) }),
          ...(metadata === undefined ? {} : { 'upload-metadata': metadata }),
          ...(expiresAt === undefined ? {} : { 'upload-expires': expiresAt.toUTCString() }),
        },
        body: '',
        subject: `report:${named.reportId}`,
      };
    },
  });
}

/** Some clients cannot send PATCH; the protocol lets them say it in a header of a POST. */
function continueRoute(parts: IntakeParts, method: 'PATCH' | 'POST'): Route {
  const receive: Receiving<ReceivedPiece> = {
    limitBytes: Number.POSITIVE_INFINITY,
    accepts: { [bodyType]: null },
    read: async (incoming) => await readPiece(parts, incoming, method),
    discard: async (piece, why) => await discardPiece(parts, piece, why),
  };
  return defineRoute({
    method,
    path: '/reports/:reportId/uploads/:uploadId',
    permission: 'intake:send',
    audit: 'continue-upload',
    summary:
      method === 'PATCH'
        ? 'Sends the next bytes of an upload, from its offset on.'
        : 'The same as PATCH, with the header X-HTTP-Method-Override: PATCH.',
    params: uploadParams,
    receive,
    admission: parts.gate.admit('upload'),
    handle: async (ctx, { received }) => {
      const { offsetBytes, expiresAt } = await takePiece(ofProvider(ctx), parts.vault, received);
      const { reportId, uploadId } = received.turn;
      return {
        status: 204,
        headers: {
          ...plain,
          'upload-offset': String(offsetBytes),
          'upload-expires': expiresAt.toUTCString(),
        },
        body: '',
        subject: `report:${reportId}`,
        details: { uploadId, offsetBytes },
      };
    },
  });
}

async function readPiece(
  parts: IntakeParts,
  incoming: {
    raw: IncomingMessage;
    contentType: string;
    actor: Actor;
    params: Record<string, string>;
    request: RequestFacts;
  },
  method: 'PATCH' | 'POST',
): Promise<ReceivedPiece> {
  const { raw, contentType, params, request } = incoming;
  requireVersion(request);
  if (method === 'POST' && header(request, 'x-http-method-override')?.toUpperCase() !== 'PATCH') {
    throw intakeRefusal('intake.upload-header', { header: 'x-http-method-override' });
  }
  if (contentType !== bodyType) throw accessRefusal('http.unsupported-type', { send: bodyType });
  const offsetBytes = parsed(request, 'upload-offset', bytesIn);
  if (offsetBytes === undefined) throw intakeRefusal('intake.upload-header', { header: 'upload-offset' });
  const lengthBytes = parsed(request, 'upload-length', bytesIn);
  const checksum = checksumOf(request);
  const actor = providerOf(incoming.actor);
  const named = namedBy(params);
  await parts.gate.admitStream(raw, actor, named.reportId);
  const turn = await parts.inTransaction(
    async (tx) =>
      await takeUpUpload(
        { tx, actor, now: parts.clock.now(), log: parts.log },
        { ...named, offsetBytes, lengthBytes },
      ),
    actor,
  );
  return await readUploadBody(parts, { raw, actor, request, checksum }, turn);
}

async function discardPiece(parts: IntakeParts, piece: ReceivedPiece, why: string): Promise<void> {
  const { turn, whole } = piece;
  await discardPieces(parts, piece.parts);
  if (whole === undefined) return;
  await refuseUpload(parts, { actor: turn.actor, reportId: turn.reportId, staged: whole }, why);
}

function endRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/reports/:reportId/uploads/:uploadId',
    permission: 'intake:send',
    audit: 'end-upload',
    summary: 'Gives an upload up; what came in of it is removed.',
    params: uploadParams,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params, request }) => {
      requireVersion(request);
      const named = namedBy(params);
      await endUpload(ofProvider(ctx), named);
      const { reportId, uploadId } = named;
      return { status: 204, headers: plain, body: '', subject: `report:${reportId}`, details: { uploadId } };
    },
  });
}

function showRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/reports/:reportId/uploads/:uploadId',
    permission: 'intake:send',
    audit: 'show-upload',
    summary: 'How an upload stands, and which file became of it.',
    params: uploadParams,
    reply: UploadReply,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params }) => {
      const named = namedBy(params);
      return { body: await showUpload(ofProvider(ctx), named), subject: `report:${named.reportId}` };
    },
  });
}
