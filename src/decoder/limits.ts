/** What one file may cost. Chosen: larger than what cameras and scanners make, small enough for two at once in 4 GB. */
export interface DecoderLimits {
  /** Of one file; more is not sent to a decoder. */
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly maxSide: number;
  /** For one file, in a process of its own; then the process is ended. */
  readonly timeoutMs: number;
  /** Memory that a child may write to, in bytes, where the machine can hold it to that. */
  readonly memoryBytes: number;
  /** Files that one child decodes before a fresh one takes its place. */
  readonly filesEach: number;
}

const mebibyte = 1024 * 1024;

export const usualLimits: DecoderLimits = {
  maxBytes: 256 * mebibyte,
  maxPixels: 100_000_000,
  maxSide: 30_000,
  timeoutMs: 30_000,
  memoryBytes: 1_536 * mebibyte,
  filesEach: 1_000,
};
