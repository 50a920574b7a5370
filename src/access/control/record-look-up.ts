import type { Tx } from '#platform/transaction';
import type { Actor } from '../ctx.ts';
import type { DigestKey } from './digest-key.ts';
import { insertLookUp, watchedAmong } from './oversight-store.ts';
import { activeStaff } from './proposal-store.ts';
import { watchForm, watchKindsOf } from './watch-form.ts';

/** That somebody opened what was reported, as a route tells it. */
export interface LookUpNote {
  readonly reportId: string;
  /** `none` only for the machine; `emergency` is added by whoever let the request in. */
  readonly task: 'own' | 'triage' | 'reason' | 'none';
  /** Compared with the watch-list and then forgotten. */
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
}

export type RecordLookUp = (
  tx: Tx,
  entry: {
    readonly at: Date;
    readonly actor: Actor;
    readonly why: string;
    readonly emergencyId: string | undefined;
    readonly note: LookUpNote;
  },
) => Promise<void>;

/** A report may name thousands; beyond this nobody reads it as a person any more. */
const mostCompared = 20_000;

/** Keeps each look-up for the auditor, marked where it names somebody who is watched or who works here. */
export function createLookUpRecorder(key: DigestKey): RecordLookUp {
  return async (tx, { at, actor, why, emergencyId, note }) => {
    if (actor.kind !== 'staff' && actor.kind !== 'system') return;
    const forms = note.identifiers.slice(0, mostCompared).flatMap(({ kind, value }) =>
      watchKindsOf(kind).flatMap((as) => {
        const form = watchForm(as, value);
        return form === undefined ? [] : [{ as, form }];
      }),
    );
    const digests = new Set(forms.map(({ as, form }) => key.digest(`${as}\n${form}`)));
    const names = new Set(forms.filter(({ as }) => as === 'name').map(({ form }) => form));
    const colleagues = names.size === 0 ? [] : await activeStaff(tx.db);
    await insertLookUp(tx.db, {
      at,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      reportId: note.reportId,
      task: emergencyId === undefined ? note.task : 'emergency',
      why,
      emergencyId,
      watchEntries: [
        ...(await watchedAmong(tx.db, [...digests])),
        // Whoever works here is watched without being listed; the row names them by their staff id.
        ...colleagues.filter(({ name }) => names.has(watchForm('name', name) ?? '')).map(({ id }) => id),
      ],
    });
  };
}
