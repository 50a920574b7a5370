import type { ConfigReader } from './config-reader.ts';

/** How much intake takes on at once before it asks senders to come again; see docs/operating.md. */
export interface IntakeLimits {
  /** Connections to PostgreSQL for requests of services, in each server. */
  readonly connections: number;
  /** Of these, held free for reports that a service marks urgent. */
  readonly urgent: number;
  /** Requests that may wait for a connection; more are asked to come again. */
  readonly waiting: number;
  /** The longest that a request waits. */
  readonly waitMs: number;
  /** Files that come in at the same time; a quarter more for urgent reports. */
  readonly uploads: number;
  /** Memory for documents that are being read, checked and saved. */
  readonly documentBytes: number;
  /** When the process is so late with its own timers, nobody waits any more. */
  readonly lagMs: number;
}

const mebibyte = 1024 * 1024;

/**
 * Chosen, not measured: twelve connections keep two cores and a local disk busy; two hundred that wait are half a
 * second's work of such a machine; a sender that waited for five seconds is better told to come again.
 */
export function readIntakeLimits(reader: ConfigReader): IntakeLimits {
  const connections = reader.integer('FIRSTLIGHT_INTAKE_CONNECTIONS', 12, 4, 500);
  return {
    connections,
    urgent: reader.integer(
      'FIRSTLIGHT_INTAKE_URGENT',
      Math.max(1, Math.floor(connections / 4)),
      1,
      connections - 3,
    ),
    waiting: reader.integer('FIRSTLIGHT_INTAKE_WAITING', 200, 0, 10_000),
    waitMs: reader.integer('FIRSTLIGHT_INTAKE_WAIT_SECONDS', 5, 1, 60) * 1000,
    uploads: reader.integer('FIRSTLIGHT_INTAKE_UPLOADS', 64, 1, 5_000),
    documentBytes: reader.integer('FIRSTLIGHT_INTAKE_DOCUMENT_MEGABYTES', 256, 16, 65_536) * mebibyte,
    lagMs: reader.integer('FIRSTLIGHT_INTAKE_LAG_MS', 500, 20, 60_000),
  };
}
