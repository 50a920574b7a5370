import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { LookUp, MarkBody } from '#contract/oversight';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, TextBox } from '../../ui/fields.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';

const taskWords = {
  own: 'Own task',
  triage: 'Triage',
  reason: 'No task, a reason',
  emergency: 'Emergency',
  none: 'No task',
} as const;

/** Look-ups with what the auditor made of each. */
export function LookUpTable({ items }: { readonly items: readonly LookUp[] }) {
  const [open, setOpen] = useState<LookUp>();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-wrap" aria-label="Look-ups" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">Report</th>
              <th scope="col">Task</th>
              <th scope="col">Why</th>
              <th scope="col">Named</th>
              <th scope="col">Yours</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td className="nowrap">
                  <Moment at={item.at} isExact />
                </td>
                <th scope="row" className="row-name">
                  <Raw text={item.by.name} isWhole />
                </th>
                <td>
                  <Link to="/audit/$reportId" params={{ reportId: item.reportId }}>
                    {item.reportId}
                  </Link>
                </td>
                <td>{taskWords[item.task]}</td>
                <td>
                  <Raw text={item.why} />
                </td>
                <td>{item.watched.length === 0 ? <span className="quiet">–</span> : watchedWords(item)}</td>
                <td>
                  <OwnMark item={item} onOpen={setOpen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="small quiet table-foot">{counted(items.length, 'look-up')} in view</p>
      </section>
      <Dialog
        title="What became of this look-up"
        isOpen={open !== undefined}
        onClose={() => setOpen(undefined)}
      >
        {open === undefined ? null : <MarkForm item={open} onClose={() => setOpen(undefined)} />}
      </Dialog>
    </>
  );
}

function watchedWords(item: LookUp): string {
  return item.watched.map((category) => `a ${plainWords(category)}`).join(', ');
}

function OwnMark({ item, onOpen }: { readonly item: LookUp; readonly onOpen: (item: LookUp) => void }) {
  const { mark } = item;
  return (
    <>
      {mark === undefined ? null : (
        <>
          <strong>{mark.mark === 'explained' ? 'Explained' : 'Follow up'}</strong>
          {mark.note === undefined ? null : (
            <>
              : <Raw text={mark.note} />
            </>
          )}{' '}
        </>
      )}
      <Button label={`Mark look-up ${item.id}`} onPress={() => onOpen(item)}>
        {mark === undefined ? 'Mark…' : 'Change…'}
      </Button>
    </>
  );
}

function MarkForm({ item, onClose }: { readonly item: LookUp; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [mark, setMark] = useState<MarkBody['mark'] | undefined>(item.mark?.mark);
  const [note, setNote] = useState('');
  const save = useMutation({
    mutationFn: (body: MarkBody) => controlApi.markLookUp(item.id, body),
    onSuccess: async () => {
      onClose();
      announce('Marked.');
      await client.invalidateQueries({ queryKey: ['look-ups'] });
      await client.invalidateQueries({ queryKey: ['sample'] });
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (mark !== undefined) save.mutate({ mark, note: note.trim() });
      }}
    >
      <p>
        {item.by.name} opened report {item.reportId}: {sentenceCase(item.why)}
      </p>
      <RadioList
        label="After you looked into it"
        isRequired
        autoFocus
        value={mark}
        onChange={setMark}
        options={[
          { id: 'explained', label: 'Explained', hint: 'There was a need for it.' },
          { id: 'follow-up', label: 'Follow up', hint: 'Somebody has to answer for it.' },
        ]}
      />
      <TextBox
        label="What did you find?"
        isLong
        isRequired
        minLength={3}
        maxLength={500}
        value={note}
        onChange={setNote}
      />
      {save.error === null ? null : <ProblemNote error={save.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={save.isPending}>
          Mark
        </Button>
      </div>
    </Form>
  );
}
