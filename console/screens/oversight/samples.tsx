import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { SampleBody } from '#contract/oversight';
import { controlApi } from '../../control-api.ts';
import { Button } from '../../ui/button.tsx';
import { Picker, TextBox } from '../../ui/fields.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Moment } from '../../ui/time.tsx';
import { LookUpTable } from './look-up-table.tsx';

/** A month's random look-ups, drawn by the auditor and by nobody else. */
export function Samples() {
  const [open, setOpen] = useState<string>();
  return (
    <>
      <h2 className="visually-hidden">Samples</h2>
      <DrawForm onDrawn={setOpen} />
      {open === undefined ? (
        <SampleList onOpen={setOpen} />
      ) : (
        <OpenSample id={open} onBack={() => setOpen(undefined)} />
      )}
    </>
  );
}

/** This month and the eleven before it. */
function lastMonths(): { id: string; label: string }[] {
  const now = new Date();
  return Array.from({ length: 12 }, (_, back) => {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    const id = first.toISOString().slice(0, 7);
    return { id, label: id };
  });
}

function DrawForm({ onDrawn }: { readonly onDrawn: (id: string) => void }) {
  const client = useQueryClient();
  const months = lastMonths();
  const [month, setMonth] = useState(months[1]?.id ?? '');
  const [size, setSize] = useState('20');
  const [seed, setSeed] = useState('');
  const draw = useMutation({
    mutationFn: (body: SampleBody) => controlApi.drawSample(body),
    onSuccess: async (reply) => {
      await client.invalidateQueries({ queryKey: ['samples'] });
      onDrawn(reply.sample.id);
    },
  });
  const isWhole = /^[1-9][0-9]{0,2}$/.test(size) && Number(size) <= 500;
  return (
    <Form
      className="dialog-form oversight-draw"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole)
          draw.mutate({ month, size: Number(size), ...(seed.trim() === '' ? {} : { seed: seed.trim() }) });
      }}
    >
      <div className="field">
        <span className="field-label">Month</span>
        <Picker label="Month" options={months} value={month} onChange={setMonth} />
      </div>
      <TextBox label="How many" hint="1 to 500" isRequired maxLength={3} value={size} onChange={setSize} />
      <TextBox
        label="Seed"
        hint="Empty draws one; the same seed draws the same again"
        maxLength={64}
        value={seed}
        onChange={setSeed}
      />
      <Button look="primary" type="submit" isPending={draw.isPending} isDisabled={!isWhole}>
        Draw a sample
      </Button>
      {draw.error === null ? null : <ProblemNote error={draw.error} />}
    </Form>
  );
}

function SampleList({ onOpen }: { readonly onOpen: (id: string) => void }) {
  const samples = useQuery({ queryKey: ['samples'], queryFn: controlApi.samples });
  if (samples.isPending) return <Loading what="samples" rows={3} />;
  if (samples.isError) return <ProblemNote error={samples.error} onRetry={() => void samples.refetch()} />;
  if (samples.data.items.length === 0) {
    return (
      <Empty title="No sample yet">
        <p>Draw one for the month that ended. Managers cannot.</p>
      </Empty>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Samples" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col">Drawn</th>
            <th scope="col">Seed</th>
            <th scope="col" className="number">
              Look-ups
            </th>
            <th scope="col" className="number">
              Marked
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {samples.data.items.map((sample) => (
            <tr key={sample.id}>
              <th scope="row" className="row-name">
                {sample.month}
              </th>
              <td>
                <Moment at={sample.drawnAt} /> by <Raw text={sample.drawnBy.name} isWhole />
              </td>
              <td>
                <code>
                  <Raw text={sample.seed} isWhole />
                </code>
              </td>
              <td className="number">
                {Math.min(sample.size, sample.population)} of {sample.population}
              </td>
              <td className="number">{sample.marked}</td>
              <td>
                <Button label={`Open the sample of ${sample.month}`} onPress={() => onOpen(sample.id)}>
                  Open
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OpenSample({ id, onBack }: { readonly id: string; readonly onBack: () => void }) {
  const sample = useQuery({ queryKey: ['sample', id], queryFn: () => controlApi.sample(id) });
  return (
    <>
      <p className="table-foot">
        <Button look="plain" onPress={onBack}>
          ← All samples
        </Button>
      </p>
      {sample.isPending ? (
        <Loading what="the sample" />
      ) : sample.isError ? (
        <ProblemNote error={sample.error} onRetry={() => void sample.refetch()} />
      ) : sample.data.items.length === 0 ? (
        <Empty title="Nobody opened a report in this month">
          <p>There is nothing to look through.</p>
        </Empty>
      ) : (
        <LookUpTable items={sample.data.items} />
      )}
    </>
  );
}
