import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { drain, isCutOff, type ProviderActor, type RequestFacts, recordAudit } from '#access';
import { discardPart, discardStaged, type StagedBytes, type StagedPart, stageBytes, stagePart } from '#vault';
import { intakeRefusal } from './codes.ts';
import { continueUpload, type Turn } from './continue-upload.ts';
import type { Checksum } from './formats/upload-headers.ts';
import type { IntakeParts } from './intake-parts.ts';

/**
 * What one part of an upload holds, and so the most that a killed server loses of it. Chosen: at 10 Mbit/s half a
 * minute, and seldom enough that syncing parts does not slow a fast sender.
 */
export const partBytes = 32 * 1024 * 1024;

/** What a request brought and no transaction has taken over yet. */
export type ReceivedPiece = { readonly turn: Turn } & (
  | { readonly kind: 'parts'; readonly parts: readonly StagedPart[] }
  /** The whole file came at once: it is staged like any other upload and never becomes parts. */
  | { readonly kind: 'whole'; readonly staged: StagedBytes }
);

export interface PieceRequest {
  readonly raw: IncomingMessage;
  readonly actor: ProviderActor;
  readonly request: RequestFacts;
  readonly checksum: Checksum | undefined;
}

/**
 * Takes in the body of one request of an upload. Every full part is durable, with its audit row, before the next one
 * begins; the last one is left to the transaction that answers. When the sender breaks off, what came in is kept.
 * With a checksum nothing is kept before all of it is here and matches.
 */
export async function readUploadBody(
  parts: IntakeParts,
  asked: PieceRequest,
  first: Turn,
): Promise<ReceivedPiece> {
  const left = (first.lengthBytes ?? Number.POSITIVE_INFINITY) - first.offsetBytes;
  const body = new BodyPieces(asked.raw, left, asked.checksum);
  const held: StagedPart[] = [];
  let turn = first;
  try {
    if (first.offsetBytes === 0 && left <= partBytes) {
      const staged = await stageWhole(parts, body);
      if (staged?.sizeBytes === left && !body.isCutOff) {
        if (body.isMatching()) return { kind: 'whole', turn, staged };
        await discardStaged(parts.vault, parts.db, staged);
      } else if (staged !== undefined) held.push(partOf(staged));
    }
    while (!body.hasEnded) {
      const part = await stagePart(parts.vault, parts.db, body.piece(partBytes), parts.clock.now());
      if (part !== undefined) held.push(part);
      if (asked.checksum === undefined && !body.hasEnded)
        turn = await keep(parts, asked, turn, held.splice(0));
    }
    if (body.isCutOff) {
      if (asked.checksum === undefined) await keep(parts, asked, turn, held.splice(0));
      throw intakeRefusal('intake.upload-cut-off', { subject: `report:${turn.reportId}` });
    }
    if (!body.isMatching()) {
      throw intakeRefusal('intake.upload-checksum', { subject: `report:${turn.reportId}` });
    }
    return { kind: 'parts', turn, parts: held };
  } catch (error) {
    await discardPieces(parts, held);
    await drain(asked.raw);
    throw error;
  }
}

/** Undoes what no transaction took over. */
export async function discardPieces(parts: IntakeParts, held: readonly StagedPart[]): Promise<void> {
  for (const part of held) await discardPart(parts.vault, parts.db, part);
}

async function stageWhole(parts: IntakeParts, body: BodyPieces): Promise<StagedBytes | undefined> {
  const source = Readable.from(body.piece(Number.POSITIVE_INFINITY), { objectMode: false });
  const staged = await stageBytes(parts.vault, parts.db, source, parts.clock.now());
  if (staged.sizeBytes > 0) return staged;
  await discardStaged(parts.vault, parts.db, staged);
  return undefined;
}

/** What was begun as a whole file and broke off stands as any part does. */
function partOf(staged: StagedBytes): StagedPart {
  const { location, storeId, keyId, sizeBytes } = staged;
  return { place: location, store: storeId, keyId, sizeBytes };
}

async function keep(
  parts: IntakeParts,
  { actor, request }: PieceRequest,
  turn: Turn,
  held: readonly StagedPart[],
): Promise<Turn> {
  if (held.length === 0) return turn;
  try {
    return await parts.inTransaction(async (tx) => {
      const now = parts.clock.now();
      const kept = await continueUpload({ tx, actor, now, log: parts.log }, { turn, parts: held });
      const { uploadId, offsetBytes } = kept.turn;
      await recordAudit(tx, {
        at: now,
        actor,
        action: 'keep-part',
        outcome: 'done',
        subject: `report:${turn.reportId}`,
        request,
        details: { uploadId, offsetBytes },
      });
      return kept.turn;
    }, actor);
  } catch (error) {
    await discardPieces(parts, held);
    throw error;
  }
}

/** A body in pieces of bounded size, counted and hashed on the way. A sender that leaves ends it like any end. */
class BodyPieces {
  hasEnded = false;
  isCutOff = false;
  readonly #raw: IncomingMessage;
  readonly #iterator: AsyncIterator<Buffer>;
  readonly #mostBytes: number;
  readonly #checksum: Checksum | undefined;
  readonly #hash: Hash | undefined;
  #digest: Buffer | undefined;
  #sizeBytes = 0;

  constructor(raw: IncomingMessage, mostBytes: number, checksum: Checksum | undefined) {
    this.#raw = raw;
    // The connection must outlive a body that is refused, to carry the answer.
    this.#iterator = raw.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    this.#mostBytes = mostBytes;
    this.#checksum = checksum;
    this.#hash = checksum === undefined ? undefined : createHash(checksum.algorithm);
  }

  /** Chunks until at least `bytes` went by or the body ends. Throws when there is more than the upload has left. */
  async *piece(bytes: number): AsyncGenerator<Buffer> {
    for (let given = 0; given < bytes; ) {
      const chunk = await this.#next();
      if (chunk === undefined) return;
      this.#sizeBytes += chunk.byteLength;
      if (this.#sizeBytes > this.#mostBytes) throw intakeRefusal('intake.upload-too-long');
      this.#hash?.update(chunk);
      given += chunk.byteLength;
      yield chunk;
    }
  }

  /** May be asked after the end. */
  isMatching(): boolean {
    if (this.#hash === undefined) return true;
    this.#digest ??= this.#hash.digest();
    return this.#checksum?.digest.equals(this.#digest) === true;
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.hasEnded) return undefined;
    try {
      const { done, value } = await this.#iterator.next();
      if (done !== true) return value;
      this.isCutOff = !this.#raw.complete;
    } catch (error) {
      if (!isCutOff(error)) throw error;
      this.isCutOff = true;
    }
    this.hasEnded = true;
    return undefined;
  }
}
