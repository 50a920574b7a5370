import type { ConfigReader } from './config-reader.ts';

/** What whoever operates the bureau watches it by. */
export interface OperationConfig {
  /** Where a server gives its metrics, on this machine only; a worker takes the next port. 0: nowhere. */
  readonly metricsPort: number;
  /** With less room than this for evidence the bureau is not ready; 0: never for that reason. */
  readonly leastFreeBytes: number;
}

const mebibyte = 1024 * 1024;

export function readOperationConfig(reader: ConfigReader): OperationConfig {
  return {
    metricsPort: reader.integer('FIRSTLIGHT_METRICS_PORT', 0, 0, 65_534),
    leastFreeBytes: reader.integer('FIRSTLIGHT_LEAST_FREE_MB', 512, 0, 1_000_000_000) * mebibyte,
  };
}
