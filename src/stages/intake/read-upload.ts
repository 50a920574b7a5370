import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { type Actor, drain } from '#access';
import { Refusal } from '#base/errors';
import type { ReportId } from '#base/ids';
import { refuseStaged, type StagedBytes, stageBytes } from '#vault';
import { intakeRefusal } from './codes.ts';
import { keptName } from './formats/kept-text.ts';
import type { IntakeParts } from './intake-parts.ts';
import { cutOff } from './read-document.ts';
import { onlyId, openForm } from './read-form.ts';

export interface Incoming {
  readonly raw: IncomingMessage;
  readonly contentType: string;
}

/** What uploads stand on. */
type UploadParts = Pick<IntakeParts, 'vault' | 'db' | 'clock' | 'log' | 'inTransaction'>;

/** Bytes that are staged but belong to nobody yet. */
export interface ReceivedUpload {
  readonly actor: Actor;
  readonly reportId: ReportId;
  readonly staged: StagedBytes;
  readonly uploadName: string | undefined;
}

export interface UploadRules {
  /** Whose upload it is. */
  readonly actor: Actor;
  /** The report when the address names it; else the form's field `id` does, before the file. */
  readonly reportId: ReportId | undefined;
  /** Throws when nothing may be added to the report; runs before the first byte of the file is taken in. */
  readonly mayAdd: (reportId: ReportId) => Promise<unknown>;
}

/** Removes what a request brought whole and could not add, and leaves word of it. */
export async function refuseUpload(
  parts: UploadParts,
  { actor, reportId, staged }: Pick<ReceivedUpload, 'actor' | 'reportId' | 'staged'>,
  code: string,
): Promise<void> {
  const { vault, clock, log, inTransaction } = parts;
  await inTransaction(async (tx) => {
    await refuseStaged({ tx, actor, now: clock.now(), log }, vault, { staged, reportId, code });
  }, actor);
}

function codeOf(error: unknown): string {
  return error instanceof Refusal ? error.code : 'failed';
}

/** What one multipart form has shown so far. */
interface FormState {
  readonly ids: string[];
  file?: Readable;
  uploadName?: string;
  reportId?: ReportId;
  staging?: Promise<StagedBytes>;
}

/**
 * Streams a multipart upload into the vault: the field `id`, then one field `file` of any size. Whatever goes
 * wrong, nothing of it is left and the rest of the body is read away, so that the client gets its answer.
 */
export async function readUpload(
  parts: UploadParts,
  incoming: Incoming,
  rules: UploadRules,
): Promise<ReceivedUpload> {
  const state: FormState = { ids: [] };
  try {
    await takeInForm(parts, incoming, rules, state);
    if (state.staging === undefined) {
      if (rules.reportId === undefined) onlyId(state.ids);
      throw intakeRefusal('intake.file-missing');
    }
    const staged = await state.staging;
    if (state.reportId === undefined) throw new Error('bytes were staged without a report');
    if (staged.sizeBytes === 0) throw intakeRefusal('intake.file-empty', { reportId: state.reportId });
    const { reportId, uploadName } = state;
    return { actor: rules.actor, reportId, staged, uploadName };
  } catch (error) {
    state.file?.destroy(error instanceof Error ? error : undefined);
    const staged = await state.staging?.catch(() => undefined);
    const { reportId } = state;
    if (staged !== undefined && reportId !== undefined) {
      const { actor } = rules;
      await refuseUpload(parts, { actor, reportId, staged }, codeOf(error));
    }
    await drain(incoming.raw);
    throw cutOff(error);
  }
}

/** Settles when the whole form was read, or at the first thing that is wrong with it. */
async function takeInForm(
  parts: UploadParts,
  { raw, contentType }: Incoming,
  rules: UploadRules,
  state: FormState,
): Promise<void> {
  if (!/^\s*multipart\/form-data/i.test(contentType)) throw intakeRefusal('intake.form-unreadable');
  const limits = { fields: 10, files: 2, parts: 12, fieldSize: 1024 };
  const form = openForm(
    contentType,
    limits,
    (name, fileName) => name === 'file' || (name !== 'id' && fileName !== undefined),
  );
  const stage = async (stream: Readable): Promise<StagedBytes> => {
    const reportId = rules.reportId ?? onlyId(state.ids);
    state.reportId = reportId;
    await rules.mayAdd(reportId);
    return await stageBytes(parts.vault, parts.db, stream, parts.clock.now());
  };
  refuseWhenGone(raw);
  try {
    await new Promise<void>((resolve, reject) => {
      form.on('field', (name, value) => {
        if (name === 'id') state.ids.push(value);
      });
      form.on('file', (name, stream, fileName) => {
        // Without a listener an error of the part, as a form that ends too early, would end the process.
        stream.on('error', reject);
        if (name !== 'file') return void stream.resume();
        if (state.staging !== undefined) return reject(intakeRefusal('intake.file-extra'));
        state.file = stream;
        if (fileName !== undefined && fileName !== '') state.uploadName = keptName(fileName);
        state.staging = stage(stream);
        state.staging.catch(reject);
      });
      for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const) {
        form.on(limit, () => reject(intakeRefusal('intake.form-too-long')));
      }
      form.on('error', () => reject(intakeRefusal('intake.form-unreadable')));
      form.on('finish', resolve);
      raw.on('error', reject);
      raw.on('close', () => {
        if (!raw.readableEnded) reject(intakeRefusal('intake.body-cut-off'));
      });
      raw.pipe(form);
    });
  } catch (error) {
    raw.unpipe(form);
    form.removeAllListeners();
    form.on('error', () => undefined);
    throw error;
  }
}

/** A sender may leave while something else is waited for; a body that is gone already tells nobody that it ended. */
function refuseWhenGone(raw: IncomingMessage): void {
  if (raw.destroyed) throw intakeRefusal('intake.body-cut-off');
}

/** Streams a bare body, one file and nothing else, into the vault; the report stands in the address. */
export async function readRawUpload(
  parts: UploadParts,
  incoming: Incoming,
  rules: UploadRules & { readonly reportId: ReportId },
): Promise<ReceivedUpload> {
  const { reportId } = rules;
  const { raw } = incoming;
  let staged: StagedBytes | undefined;
  try {
    await rules.mayAdd(reportId);
    refuseWhenGone(raw);
    // Staging destroys a source that it could not store; the connection must outlive that to carry the answer.
    const body = new PassThrough();
    raw.on('error', (error) => body.destroy(error));
    raw.on('close', () => {
      if (!raw.readableEnded) body.destroy(intakeRefusal('intake.body-cut-off'));
    });
    raw.pipe(body);
    staged = await stageBytes(parts.vault, parts.db, body, parts.clock.now());
    if (staged.sizeBytes === 0) throw intakeRefusal('intake.file-empty', { reportId });
    return { actor: rules.actor, reportId, staged, uploadName: undefined };
  } catch (error) {
    if (staged !== undefined) {
      await refuseUpload(parts, { actor: rules.actor, reportId, staged }, codeOf(error));
    }
    await drain(incoming.raw);
    throw cutOff(error);
  }
}
