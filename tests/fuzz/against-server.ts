export interface ServerOutcome {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly memoryMegabytes: readonly number[];
  readonly longestStallMs: number;
  readonly findings: readonly string[];
}
export async function serverTarget(_: {
  seed: number;
  seconds: number;
  folder: string;
}): Promise<ServerOutcome> {
  return { requests: 0, statuses: {}, memoryMegabytes: [], longestStallMs: 0, findings: [] };
}
