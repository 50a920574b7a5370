import { open, readFile } from 'node:fs/promises';
import type { ReportId } from '#base/ids';

/**
 * A file that outlives the database: one JSON object a line for each report that was erased, with its certificate.
 * After a restore from an older backup what it names is erased again. Ids and places only.
 */
export interface ErasureLine {
  readonly erasureId: string;
  readonly reportId: ReportId;
  readonly places: readonly string[];
  readonly certificate: string;
}

/** Durable when it resolves. */
export async function appendErasure(path: string, line: ErasureLine): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(`${JSON.stringify({ version: 1, ...line })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Every whole line; a last one that a power cut tore is left out, its erasure stands in the database then. */
export async function readErasures(path: string): Promise<readonly ErasureLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const read = parsed(line);
    return isLine(read) ? [read] : [];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is ErasureLine {
  if (typeof value !== 'object' || value === null) return false;
  const { erasureId, reportId, places, certificate } = value as Record<string, unknown>;
  return (
    typeof erasureId === 'string' &&
    typeof reportId === 'string' &&
    /^[1-9][0-9]{0,17}$/.test(reportId) &&
    typeof certificate === 'string' &&
    Array.isArray(places) &&
    places.every((place) => typeof place === 'string')
  );
}
