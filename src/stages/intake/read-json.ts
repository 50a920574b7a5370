import type { IncomingMessage } from 'node:http';
import type { TSchema } from 'typebox';
import { accessRefusal, DefectList, drain } from '#access';
import type { Parsed, Warning } from '#base/defects';
import {
  CybertipBody,
  type FileDetailsBody,
  FileDetailsBody as FileDetailsShape,
  type ReportBody,
  UkBody,
} from '#contract/intake';
import { sha256Hex } from '#platform/random';
import { type IntakeCode, intakeCodes } from './codes.ts';
import { draftOfBody } from './formats/json-report.ts';
import { readShape } from './formats/json-shape.ts';
import type { ReportDraft } from './formats/report-draft.ts';
import type { IntakeParts } from './intake-parts.ts';
import { readDocument } from './read-document.ts';

/** A JSON body exactly as it arrived, and what it says. */
export interface ReceivedJson<T> {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly sha256: string;
  readonly value: T;
  readonly warnings: readonly Warning[];
}

/** Takes in the body of `POST /v1/reports`; throws a DefectList with everything that is wrong with it. */
export async function readReportBody(
  parts: IntakeParts,
  raw: IncomingMessage,
  contentType: string,
): Promise<ReceivedJson<ReportDraft>> {
  const bytes = await readJsonBytes(parts, raw, contentType);
  const shape = goodOrThrow('intake.report-invalid', readShape<ReportBody>(bytes, reportShapeOf));
  const drafted = draftOfBody(shape.value, { now: parts.clock.now() });
  const draft = goodOrThrow('intake.report-invalid', drafted);
  return received(bytes, draft.value, [...shape.warnings, ...draft.warnings]);
}

/** Takes in the body of `PUT …/details`; its rules are checked with the ids of the address. */
export async function readFileDetailsBody(
  parts: IntakeParts,
  raw: IncomingMessage,
  contentType: string,
): Promise<ReceivedJson<FileDetailsBody>> {
  const bytes = await readJsonBytes(parts, raw, contentType);
  const shape = readShape<FileDetailsBody>(bytes, () => FileDetailsShape);
  const { value, warnings } = goodOrThrow('intake.file-details-invalid', shape);
  return received(bytes, value, warnings);
}

/** The value and its warnings; throws the list of defects under the code otherwise. */
export function goodOrThrow<T>(code: IntakeCode, parsed: Parsed<T>): Extract<Parsed<T>, { kind: 'ok' }> {
  if (parsed.kind === 'defects') throw new DefectList(code, intakeCodes[code].status, parsed.defects);
  return parsed;
}

/** The body's own profile decides what it is checked against, so that answers name fields and not alternatives. */
function reportShapeOf(value: unknown): TSchema {
  const profile =
    typeof value === 'object' && value !== null && 'profile' in value ? value.profile : undefined;
  return profile === 'uk' ? UkBody : CybertipBody;
}

async function readJsonBytes(parts: IntakeParts, raw: IncomingMessage, contentType: string): Promise<Buffer> {
  if (contentType !== '' && !/^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)) {
    await drain(raw);
    throw accessRefusal('http.unsupported-type', { send: 'application/json' });
  }
  return await readDocument(raw, parts.maxDocumentBytes);
}

function received<T>(bytes: Buffer, value: T, warnings: readonly Warning[]): ReceivedJson<T> {
  return { bytes, mediaType: 'application/json', sha256: sha256Hex(bytes), value, warnings };
}
