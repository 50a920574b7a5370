import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Input, SearchField } from 'react-aria-components';
import type { RegisterItem } from '#contract/administration';
import { api } from '../../api.ts';
import { useTitle } from '../../shell/title.ts';
import { Page } from '../../ui/page.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';
import './register.css';

/** Every address of the server with who may use it and what it leaves in the audit trail. */
export function RegisterScreen() {
  useTitle('Access register');
  const register = useQuery({ queryKey: ['register'], queryFn: api.register });
  return (
    <Page
      title="Access register"
      intro="Every address of the server: who may use it, and which entry it leaves in the audit trail. Made from the routes themselves, so it cannot be out of date."
    >
      {register.isPending ? (
        <Loading what="the access register" />
      ) : register.isError ? (
        <ProblemNote error={register.error} onRetry={() => void register.refetch()} />
      ) : register.data.items.length === 0 ? (
        <Empty title="The register is empty">
          <p>The server gave no routes. Tell the administrator: this is a fault.</p>
        </Empty>
      ) : (
        <RegisterTable items={register.data.items} />
      )}
    </Page>
  );
}

function RegisterTable({ items }: { readonly items: readonly RegisterItem[] }) {
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const shown = items.filter((item) =>
    [item.method, item.path, item.permission, item.audit, ...item.heldBy].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  return (
    <>
      <div className="register-tools">
        <SearchField className="search" aria-label="Search the register" value={query} onChange={setQuery}>
          <Input className="input" placeholder="Path, permission, role" />
        </SearchField>
        <span className="small quiet" role="status">
          {counted(shown.length, 'route')}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-wrap" aria-label="Routes" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Permission</th>
              <th scope="col">Held by</th>
              <th scope="col">Audit entry</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((item) => (
              <tr key={`${item.method} ${item.path}`}>
                <th scope="row" className="row-name">
                  <code>
                    <span className="register-method">{item.method}</span> {item.path}
                  </code>
                </th>
                <td>
                  <code>{item.permission}</code>
                </td>
                <td>{item.heldBy.map((role) => sentenceCase(plainWords(role))).join(', ')}</td>
                <td>{item.audit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
