import { type Service, sendersOf, sendReport } from './journeys.ts';
import type { Ledger } from './ledger.ts';
import {
  askForAll,
  askTheDatabase,
  countStrays,
  emptyReckoning,
  type Reckoning,
  untilQuiet,
  verifyEvidence,
} from './reckoning.ts';
import { Sender } from './sender.ts';

/** What a trial has to know of a bureau, on one machine or several. */
export interface Bureau {
  /** Where it is reached now. */
  readonly url: string;
  readonly dataFolder: string;
  readonly adminToken: () => Promise<string>;
  /** As its owner. */
  readonly databaseUrl: () => Promise<string>;
}

const names = [
  ['Harbour Chat', 'production'],
  ['Quayside Photos', 'production'],
  ['Lantern Games', 'sandbox'],
] as const;

/** Makes the services that send. */
export async function addServices(bureau: Bureau, ledger: Ledger): Promise<readonly Service[]> {
  const machine = await openMachine(bureau, ledger);
  const services: Service[] = [];
  for (const [name, environment] of names) {
    const reply = await machine.call({
      method: 'POST',
      path: '/v1/desk/providers',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, environment }),
    });
    services.push(JSON.parse(reply.text) as Service);
  }
  machine.close();
  return services;
}

async function openMachine(bureau: Bureau, ledger: Ledger): Promise<Sender> {
  return new Sender(() => bureau.url, `Bearer ${await bureau.adminToken()}`, ledger, 1);
}

export interface Load {
  readonly seed: number;
  readonly services: readonly Service[];
  readonly ledger: Ledger;
  /** Number of the first report, how many follow, and how many are sent at the same time. */
  readonly first: number;
  readonly count: number;
  readonly inFlight: number;
}

/**
 * Sends reports while `trouble` does its work, and then lets `afterwards` check. Trouble is told when sending is over;
 * a failure of its own ends everything.
 */
export async function underLoad<T>(
  bureau: Bureau,
  load: Load,
  trouble: (isOver: AbortSignal) => Promise<void>,
  afterwards: (senders: readonly Sender[]) => Promise<T>,
): Promise<T> {
  const { ledger, seed, first, count, inFlight } = load;
  const senders = sendersOf(load.services, () => bureau.url, ledger, inFlight);
  const isOver = new AbortController();
  let next = 0;
  const client = async () => {
    while (next < count) await sendReport({ seed, ledger, senders }, first + next++);
  };
  try {
    const clients = Promise.all(Array.from({ length: inFlight }, client));
    const troubled = trouble(isOver.signal);
    await Promise.race([clients, troubled.then(() => clients)]);
    isOver.abort();
    await troubled;
    return await afterwards(senders);
  } finally {
    isOver.abort();
    for (const sender of senders) sender.close();
  }
}

export interface Outcome extends Reckoning {
  /** Seals that were read from end to end. */
  readonly verifiedSeals: number;
  /** Encrypted bytes that no seal and no note names; see `countStrays`. */
  readonly strays: number;
}

/** Waits until the bureau is at rest, and compares all of it with the books. */
export async function reckon(bureau: Bureau, senders: readonly Sender[], ledger: Ledger): Promise<Outcome> {
  const found = emptyReckoning();
  const url = await bureau.databaseUrl();
  await untilQuiet(url);
  await askForAll(senders, ledger.reports, found);
  await askTheDatabase(url, ledger, found);
  const strays = await countStrays(bureau.dataFolder, url);
  const machine = await openMachine(bureau, ledger);
  const verifiedSeals = await verifyEvidence(machine, found);
  machine.close();
  return { ...found, verifiedSeals, strays };
}
