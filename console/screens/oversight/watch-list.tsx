import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WatchBody, WatchEntry } from '#contract/oversight';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Picker, TextBox } from '../../ui/fields.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Moment } from '../../ui/time.tsx';

const kinds = [
  { id: 'email', label: 'E-mail address' },
  { id: 'phone', label: 'Phone number' },
  { id: 'name', label: 'Full name' },
  { id: 'account', label: 'Account name' },
] as const;
const categories = [
  { id: 'colleague', label: 'Colleague' },
  { id: 'neighbour', label: 'Neighbour' },
  { id: 'public-figure', label: 'Public figure' },
  { id: 'other', label: 'Other' },
] as const;

/** Whom nobody should look up without need. Only keyed digests are kept, so nothing here names anybody. */
export function WatchList() {
  const list = useInfiniteQuery({
    queryKey: ['watch-list'],
    queryFn: ({ pageParam }) => controlApi.watchList({ limit: 50, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <h2 className="visually-hidden">Watch-list</h2>
      <p>
        Everybody who works here is watched by name already. What you add is turned into a digest at once:
        neither this list nor the database can say whom it names.
      </p>
      <WatchForm />
      {list.isPending ? (
        <Loading what="the watch-list" rows={3} />
      ) : list.data === undefined ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <Empty title="Nothing is watched besides the staff">
          <p>Add identifiers of people who may be looked up out of curiosity.</p>
        </Empty>
      ) : (
        <WatchTable items={items} />
      )}
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show 50 more
        </Button>
      ) : null}
    </>
  );
}

function WatchForm() {
  const client = useQueryClient();
  const [kind, setKind] = useState<WatchBody['kind']>('email');
  const [category, setCategory] = useState<WatchBody['category']>('public-figure');
  const [value, setValue] = useState('');
  const add = useMutation({
    mutationFn: () => controlApi.watch({ kind, category, value: value.trim() }),
    onSuccess: () => {
      setValue('');
      announce('It is watched.');
      return client.invalidateQueries({ queryKey: ['watch-list'] });
    },
  });
  return (
    <Form
      className="dialog-form oversight-draw"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className="field">
        <span className="field-label">Kind</span>
        <Picker label="Kind" options={kinds} value={kind} onChange={setKind} />
      </div>
      <div className="field">
        <span className="field-label">Who it is</span>
        <Picker label="Who it is" options={categories} value={category} onChange={setCategory} />
      </div>
      <TextBox
        label="Identifier"
        isRequired
        minLength={3}
        maxLength={300}
        value={value}
        onChange={setValue}
      />
      <Button look="primary" type="submit" isPending={add.isPending}>
        Watch
      </Button>
      {add.error === null ? null : <ProblemNote error={add.error} />}
    </Form>
  );
}

function WatchTable({ items }: { readonly items: readonly WatchEntry[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => controlApi.stopWatching(id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['watch-list'] }),
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Watch-list" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Who it is</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row" className="row-name">
                {kinds.find(({ id }) => id === item.kind)?.label}
              </th>
              <td>
                {categories.find(({ id }) => id === item.category)?.label}
                {item.isDead ? ' (matches nothing: its key is gone; add it anew)' : ''}
              </td>
              <td>
                <Moment at={item.addedAt} />
              </td>
              <td>
                <Button
                  label={`Stop watching the ${item.kind} added ${item.addedAt}`}
                  isPending={remove.isPending}
                  onPress={() => remove.mutate(item.id)}
                >
                  Remove
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {remove.error === null ? null : <ProblemNote error={remove.error} />}
    </section>
  );
}
