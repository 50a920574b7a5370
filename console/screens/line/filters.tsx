import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Button as AriaButton, Input, SearchField } from 'react-aria-components';
import { urgencyLabels } from '#contract/desk';
import {
  entriesOf,
  environments,
  type LineSearch,
  lineOrders,
  parseLineSearch,
  urgencyFilters,
  useLine,
} from '../../line.ts';
import { Key } from '../../ui/button.tsx';
import { type Option, Picker, Segments } from '../../ui/fields.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { sentenceCase } from '../../ui/words.ts';

const number = new Intl.NumberFormat('en');
const orderLabels = { urgent: 'Urgent first', newest: 'Newest first', oldest: 'Oldest first' } as const;

/** Filters live in the address, so that a filtered line can be kept as a bookmark. */
export function LineFilters({ search }: { readonly search: LineSearch }) {
  const navigate = useNavigate();
  const counts = useLine(search).data?.pages[0]?.counts;
  const services = useServices(search);
  const change = (part: Partial<Record<keyof LineSearch, string | undefined>>) =>
    void navigate({ to: '.', search: parseLineSearch({ ...search, ...part }), replace: true });
  const withCount = (label: string, count: number | undefined) => (
    <>
      {label}
      {count === undefined ? null : <span className="segment-count">{number.format(count)}</span>}
    </>
  );
  return (
    <div className="line-filters">
      <Segments
        label="State"
        value={search.state ?? 'waiting'}
        onChange={(state) => change({ state })}
        options={[
          { id: 'waiting', label: withCount('Waiting', counts?.waiting) },
          { id: 'taken', label: withCount('Taken', counts?.taken) },
          { id: 'decided', label: withCount('Decided', counts?.decided) },
          { id: 'all', label: 'All' },
        ]}
      />
      <LineSearchField value={search.q ?? ''} onSearch={(q) => change({ q })} />
      <div className="line-pickers">
        <Picker
          label="Urgency"
          value={search.urgency ?? 'any'}
          onChange={(urgency) => change({ urgency: urgency === 'any' ? undefined : urgency })}
          options={[
            { id: 'any', label: 'Any urgency' },
            ...urgencyFilters.map((id, index) => ({ id, label: urgencyLabels[index] ?? id })),
          ]}
        />
        <Picker
          label="Service"
          value={search.provider ?? 'any'}
          onChange={(provider) => change({ provider: provider === 'any' ? undefined : provider })}
          options={[{ id: 'any', label: 'Any service' }, ...services]}
        />
        <Picker
          label="Environment"
          value={search.environment ?? 'production'}
          onChange={(environment) => change({ environment, provider: undefined })}
          options={environments.map((id) => ({ id, label: sentenceCase(id) }))}
        />
        <Picker
          label="Order"
          value={search.order ?? 'urgent'}
          onChange={(order) => change({ order })}
          options={lineOrders.map((id) => ({ id, label: orderLabels[id] }))}
        />
      </div>
    </div>
  );
}

/** Services seen in the line so far: people who triage may not read the list of services. */
function useServices(search: LineSearch): Option[] {
  const seen = useRef(new Map<string, Option & { readonly environment: string }>());
  const line = useLine(search);
  for (const { provider } of entriesOf(line.data)) {
    seen.current.set(provider.id, {
      id: provider.id,
      label: provider.name.slice(0, 60),
      environment: provider.environment,
    });
  }
  const chosen = search.provider;
  if (chosen !== undefined && !seen.current.has(chosen)) {
    seen.current.set(chosen, {
      id: chosen,
      label: 'The chosen service',
      environment: search.environment ?? 'production',
    });
  }
  return [...seen.current.values()]
    .filter((option) => option.environment === (search.environment ?? 'production'))
    .sort((one, other) => one.label.localeCompare(other.label));
}

interface SearchProps {
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** Searches on Enter, not while typing: every search is a read that is recorded. */
function LineSearchField({ value, onSearch }: SearchProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useShortcut({
    keys: '/',
    label: 'Search by number, reference or service',
    group: 'In the line',
    run: () => input.current?.focus(),
  });
  return (
    <SearchField
      className="search"
      aria-label="Search by report number, reference or name of the service"
      value={text}
      onChange={setText}
      onSubmit={onSearch}
      onClear={() => onSearch('')}
      maxLength={200}
    >
      <Input ref={input} className="input" placeholder="Number or service" aria-keyshortcuts="/" />
      {text.trim() === value ? null : (
        <span className="search-hint">
          <Key keys="Enter" />
        </span>
      )}
      <AriaButton className="search-clear" aria-label="Clear the search">
        ×
      </AriaButton>
    </SearchField>
  );
}
