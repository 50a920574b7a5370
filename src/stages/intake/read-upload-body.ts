import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { drain, isCutOff, type ProviderActor, type RequestFacts, recordAudit } from '#access';
import { discardPart, discardStaged, type StagedBytes, type StagedPart, stageBytes, stagePart } from '#vault';
import { intakeRefusal } from './codes.ts';
import { continueUpload, type Turn } from './continue-upload.ts';
import type { Checksum } from './formats/upload-headers.ts';
import type { IntakeParts } from './intake-parts.ts';
import { WholeTwin } from './whole-twin.ts';

/**
 * What one part of an upload holds, and so the most that a killed server loses of it. Chosen: at 10 Mbit/s half a
 * minute, and seldom enough that syncing parts does not slow a fast sender.
 */
const partBytes = 32 * 1024 * 1024;

/** What a request brought and no transaction has taken over yet. */
export interface ReceivedPiece {
  readonly turn: Turn;
  readonly parts: readonly StagedPart[];
  /** The whole file, where all of it came at once: then the parts are not needed. */
  readonly whole: StagedBytes | undefined;
}

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
  const isFromTheStart = first.offsetBytes === 0 && first.lengthBytes !== undefined;
  try {
    if (isFromTheStart && left <= partBytes) return await readSmall(parts, asked, first, body);
    if (isFromTheStart) return await readWithTwin(parts, asked, first, body);
    return { ...(await readParts(parts, asked, first, body)), whole: undefined };
  } catch (error) {
    await drain(asked.raw);
    throw error;
  }
}

/** A file that fits into one part is staged as a whole; what breaks off stands as a part does. */
async function readSmall(
  parts: IntakeParts,
  asked: PieceRequest,
  turn: Turn,
  body: BodyPieces,
): Promise<ReceivedPiece> {
  const source = Readable.from(body.piece(Number.POSITIVE_INFINITY), { objectMode: false });
  const staged = await stageBytes(parts.vault, parts.db, source, parts.clock.now());
  const { location: place, storeId: store, keyId, sizeBytes } = staged;
  if (sizeBytes === 0) await discardStaged(parts.vault, parts.db, staged);
  const held = sizeBytes === 0 ? [] : [{ place, store, keyId, sizeBytes }];
  await keepOrRefuse(parts, asked, turn, held, body);
  const isWhole = sizeBytes === turn.lengthBytes;
  return isWhole ? { turn, parts: [], whole: staged } : { turn, parts: held, whole: undefined };
}

/** Parts for whatever may come in between, and beside them the whole file, for when nothing does. */
async function readWithTwin(
  parts: IntakeParts,
  asked: PieceRequest,
  first: Turn,
  body: BodyPieces,
): Promise<ReceivedPiece> {
  const twin = new WholeTwin(parts);
  try {
    const { turn, parts: held } = await readParts(parts, asked, first, body, twin);
    if (body.sizeBytes === first.lengthBytes) return { turn, parts: held, whole: await twin.end() };
    await twin.giveUp();
    return { turn, parts: held, whole: undefined };
  } catch (error) {
    await twin.giveUp();
    throw error;
  }
}

async function readParts(
  parts: IntakeParts,
  asked: PieceRequest,
  first: Turn,
  body: BodyPieces,
  twin?: WholeTwin,
): Promise<Omit<ReceivedPiece, 'whole'>> {
  const held: StagedPart[] = [];
  let turn = first;
  try {
    while (!body.hasEnded) {
      const piece = body.piece(partBytes);
      const source = twin === undefined ? piece : twin.alongside(piece);
      const part = await stagePart(parts.vault, parts.db, source, parts.clock.now());
      if (part !== undefined) held.push(part);
      if (asked.checksum === undefined && !body.hasEnded)
        turn = await keep(parts, asked, turn, held.splice(0));
    }
  } catch (error) {
    await discardPieces(parts, held);
    throw error;
  }
  await keepOrRefuse(parts, asked, turn, held, body);
  return { turn, parts: held };
}

/** Refuses what does not match its checksum, and tells a sender that broke off, once what came in of it is kept. */
async function keepOrRefuse(
  parts: IntakeParts,
  asked: PieceRequest,
  turn: Turn,
  held: readonly StagedPart[],
  body: BodyPieces,
): Promise<void> {
  const details = { subject: `report:${turn.reportId}` };
  const isKept = body.isCutOff && asked.checksum === undefined;
  if (isKept) await keep(parts, asked, turn, held);
  if (!body.isCutOff && body.isMatching()) return;
  if (!isKept) await discardPieces(parts, held);
  throw intakeRefusal(body.isCutOff ? 'intake.upload-cut-off' : 'intake.upload-checksum', details);
}

/** Undoes what no transaction took over. */
export async function discardPieces(parts: IntakeParts, held: readonly StagedPart[]): Promise<void> {
  for (const part of held) await discardPart(parts.vault, parts.db, part);
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
  sizeBytes = 0;
  readonly #raw: IncomingMessage;
  readonly #iterator: AsyncIterator<Buffer>;
  readonly #mostBytes: number;
  readonly #checksum: Checksum | undefined;
  readonly #hash: Hash | undefined;
  #digest: Buffer | undefined;

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
      this.sizeBytes += chunk.byteLength;
      if (this.sizeBytes > this.#mostBytes) throw intakeRefusal('intake.upload-too-long');
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
