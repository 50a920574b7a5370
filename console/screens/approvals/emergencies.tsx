import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Emergency, EmergencyReviewBody } from '#contract/control';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, Segments, TextBox } from '../../ui/fields.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';

const pageSize = 25;

/** Uses of emergency access: reviewed within a day, by a supervisor who is not the one who used it. */
export function EmergencyReviews() {
  const [state, setState] = useState<'unreviewed' | 'all'>('unreviewed');
  const [open, setOpen] = useState<Emergency>();
  const list = useInfiniteQuery({
    queryKey: ['emergencies', state],
    queryFn: ({ pageParam }) => controlApi.emergencies({ state, limit: pageSize, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="approvals-part" aria-labelledby="emergencies-title">
      <h2 id="emergencies-title">Emergency access</h2>
      <p className="table-foot">
        <Segments
          label="Which emergency access"
          value={state}
          onChange={setState}
          options={[
            { id: 'unreviewed', label: 'To review' },
            { id: 'all', label: 'All' },
          ]}
        />
      </p>
      {list.isPending ? (
        <Loading what="emergency access" rows={3} />
      ) : list.data === undefined ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <Empty title={state === 'unreviewed' ? 'No review waits' : 'Nobody used emergency access yet'}>
          <p>Whoever takes emergency access shows here at once.</p>
        </Empty>
      ) : (
        <EmergencyTable items={items} onReview={setOpen} />
      )}
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show {pageSize} more
        </Button>
      ) : null}
      <Dialog title="Review emergency access" isOpen={open !== undefined} onClose={() => setOpen(undefined)}>
        {open === undefined ? null : <ReviewForm emergency={open} onClose={() => setOpen(undefined)} />}
      </Dialog>
    </section>
  );
}

interface TableProps {
  readonly items: readonly Emergency[];
  readonly onReview: (emergency: Emergency) => void;
}

function EmergencyTable({ items, onReview }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Uses of emergency access" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What for</th>
            <th scope="col">Reason given</th>
            <th scope="col" className="number">
              Openings
            </th>
            <th scope="col">Review</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <td className="nowrap">
                <Moment at={item.openedAt} />
              </td>
              <th scope="row" className="row-name">
                <Raw text={item.by.name} isWhole />
              </th>
              <td>{item.reportId === undefined ? 'Sign-in by a printed code' : `Report ${item.reportId}`}</td>
              <td>
                <Raw text={item.reason} />
              </td>
              <td className="number">{item.acts}</td>
              <td>
                <Review item={item} onReview={onReview} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">{counted(items.length, 'use', 'uses')} in view</p>
    </section>
  );
}

function Review({ item, onReview }: { readonly item: Emergency } & Pick<TableProps, 'onReview'>) {
  if (item.review !== undefined) {
    return (
      <>
        {item.review.verdict === 'justified' ? 'Justified' : 'Not justified'},{' '}
        <Raw text={item.review.by.name} isWhole />
        {item.review.note === undefined ? null : (
          <>
            : <Raw text={item.review.note} />
          </>
        )}
      </>
    );
  }
  return (
    <>
      {item.isOverdue ? <strong>Overdue since </strong> : 'Due by '}
      <Moment at={item.reviewBy} />
      {item.canReview ? (
        <div>
          <Button label={`Review the emergency access of ${item.by.name}`} onPress={() => onReview(item)}>
            Review…
          </Button>
        </div>
      ) : null}
    </>
  );
}

function ReviewForm({ emergency, onClose }: { readonly emergency: Emergency; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<EmergencyReviewBody['verdict']>();
  const [note, setNote] = useState('');
  const review = useMutation({
    mutationFn: (body: EmergencyReviewBody) => controlApi.reviewEmergency(emergency.id, body),
    onSuccess: () => {
      onClose();
      announce('Reviewed.');
      return client.invalidateQueries();
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (verdict !== undefined) review.mutate({ verdict, note: note.trim() });
      }}
    >
      <p>
        <Raw text={emergency.by.name} isWhole />: <Raw text={emergency.reason} />
      </p>
      <RadioList
        label="Was it justified?"
        isRequired
        autoFocus
        value={verdict}
        onChange={setVerdict}
        options={[
          { id: 'justified', label: 'Justified' },
          { id: 'not-justified', label: 'Not justified' },
        ]}
      />
      <TextBox label="Why?" isLong isRequired minLength={3} maxLength={500} value={note} onChange={setNote} />
      {review.error === null ? null : <ProblemNote error={review.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={review.isPending}>
          Record the review
        </Button>
      </div>
    </Form>
  );
}
