import type { DayReport } from '../day/report.ts';
import type { Service } from '../day/services.ts';
import { PictureStock } from '../pictures/stock.ts';
import { basicAuthorization, Connection } from './connection.ts';
import type { Door } from './door.ts';
import { ispwsDoor } from './ispws-door.ts';
import { type Sending, sendReport } from './send-report.ts';
import { v1Door } from './v1-door.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
}

export interface DayTotals {
  /** Reports that were opened: filed and retracted ones. */
  reports: number;
  filed: number;
  sentTwice: number;
  retracted: number;
  /** One for every reported user of a filed report, and one for a report that names none. */
  incidents: number;
  files: number;
  bytes: number;
  /** MD5 of every content under what was filed: a few bytes for each, the one thing that grows with the day. */
  readonly contents: Set<string>;
  plantedUrgent: number;
  /** Refusals that were meant to happen, by reason. */
  readonly refusals: Map<string, number>;
  readonly mismatches: string[];
  readonly troubles: string[];
}

export interface SendingOptions {
  readonly url: string;
  readonly credentials: ReadonlyMap<string, Credential>;
  /** Reports under way at once. */
  readonly concurrency: number;
  /** Called after each report, in whatever order they end. */
  readonly onReport?: (totals: DayTotals, report: DayReport, sending: Sending) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Sends the reports of a day as their services would, several at once, holding no more than those in memory. */
export async function sendDay(day: AsyncIterable<DayReport>, options: SendingOptions): Promise<DayTotals> {
  const totals = noTotals();
  const stock = new PictureStock();
  const doors = new Doors(options);
  const reports = day[Symbol.asyncIterator]();
  const sendOn = async (): Promise<void> => {
    for (;;) {
      if (options.signal?.aborted === true) return;
      const next = await reports.next();
      if (next.done === true) return;
      const sending = await sendReport(doors.of(next.value.service), next.value, stock);
      addTo(totals, next.value, sending);
      await options.onReport?.(totals, next.value, sending);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, sendOn));
  } finally {
    doors.close();
  }
  return totals;
}

/** One door, with its own connections, for every service that sends. */
class Doors {
  readonly #options: SendingOptions;
  readonly #open = new Map<string, { door: Door; connection: Connection }>();

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  of(service: Service): Door {
    const known = this.#open.get(service.key);
    if (known !== undefined) return known.door;
    const credential = this.#options.credentials.get(service.key);
    if (credential === undefined) throw new Error(`${service.name} has no credential`);
    const authorization = basicAuthorization(credential.username, credential.password);
    const connection = new Connection(this.#options.url, authorization);
    const door = service.door === 'ispws' ? ispwsDoor(connection, service.generation) : v1Door(connection);
    this.#open.set(service.key, { door, connection });
    return door;
  }

  close(): void {
    for (const { connection } of this.#open.values()) connection.close();
  }
}

function noTotals(): DayTotals {
  return {
    reports: 0,
    filed: 0,
    sentTwice: 0,
    retracted: 0,
    incidents: 0,
    files: 0,
    bytes: 0,
    contents: new Set(),
    plantedUrgent: 0,
    refusals: new Map(),
    mismatches: [],
    troubles: [],
  };
}

const mostSentences = 20;

function addTo(totals: DayTotals, report: DayReport, sending: Sending): void {
  totals.reports += sending.filed.length + sending.retracted.length;
  totals.filed += sending.filed.length;
  totals.sentTwice += Math.max(0, sending.filed.length - 1);
  totals.retracted += sending.retracted.length;
  totals.incidents += sending.filed.length * Math.max(1, report.users.length);
  totals.files += sending.files;
  totals.bytes += sending.bytes;
  for (const md5 of sending.contents) totals.contents.add(md5);
  if (report.truth.isUrgent) totals.plantedUrgent += sending.filed.length;
  for (const reason of sending.refusals) totals.refusals.set(reason, (totals.refusals.get(reason) ?? 0) + 1);
  totals.mismatches.push(...sending.mismatches.slice(0, mostSentences - totals.mismatches.length));
  totals.troubles.push(...sending.troubles.slice(0, mostSentences - totals.troubles.length));
}
