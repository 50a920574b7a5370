import { useState } from 'react';
import type { Brief, BriefIdentifier, BriefParty } from '#contract/desk';
import { labelOf } from '#contract/vocabulary-labels';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { momentText } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';
import { attributeWords, identifierWords, roleWords } from './labels.ts';
import { From } from './source.tsx';

/** A batched report may name thousands; they come in portions. */
const portion = 25;

/** Everybody the report names, with every identifier as it was sent, what was said beside it, and where it stands. */
export function PeopleSection({ brief }: { readonly brief: Brief }) {
  const [shown, setShown] = useState(portion);
  const left = brief.parties.length - shown;
  return (
    <section id="people" className="part" aria-labelledby="people-title">
      <div className="part-head">
        <h2 id="people-title">People and accounts</h2>
        <p className="small quiet">
          Roles are what the service said, not findings. Values are as they were sent.
        </p>
      </div>
      {brief.parties.length === 0 ? (
        <p className="quiet">The service named nobody.</p>
      ) : (
        <table className="identifiers">
          <IdentifierHead />
          {brief.parties.slice(0, shown).map((party) => (
            <Party key={party.path} party={party} />
          ))}
        </table>
      )}
      {left > 0 ? (
        <Button onPress={() => setShown(shown + portion * 4)}>
          Show {counted(Math.min(left, portion * 4), 'more', 'more')} of{' '}
          {counted(brief.partyCount, 'party', 'parties')}
        </Button>
      ) : null}
      {left <= 0 && brief.partyCount > brief.parties.length ? (
        <p className="small quiet">
          These are the first {counted(brief.parties.length, 'party', 'parties')} of{' '}
          {counted(brief.partyCount, 'party', 'parties')}; the rest stand under “Everything sent”.
        </p>
      ) : null}
    </section>
  );
}

function Party({ party }: { readonly party: BriefParty }) {
  const index = /\[(\d+)\][^[\]]*$/.exec(party.path)?.[1];
  const [shown, setShown] = useState(portion);
  const left = party.identifiers.length - shown;
  return (
    <tbody>
      <tr className="party">
        <th colSpan={4} scope="rowgroup">
          <span className="party-role">
            {roleWords[party.role] ?? sentenceCase(plainWords(party.role))}
            {index === undefined || index === '1' ? null : ` ${index}`}
          </span>
          <From path={party.path} />
        </th>
      </tr>
      {party.identifiers.length === 0 ? (
        <tr>
          <td colSpan={4} className="quiet">
            No identifier was sent.
          </td>
        </tr>
      ) : null}
      {party.identifiers.slice(0, shown).map((identifier) => (
        <Identifier key={`${identifier.path} ${identifier.value.slice(0, 80)}`} identifier={identifier} />
      ))}
      {left > 0 ? (
        <tr>
          <td colSpan={4}>
            <Button onPress={() => setShown(shown + portion * 4)}>
              Show {counted(left, 'more identifier')}
            </Button>
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}

export function IdentifierHead() {
  return (
    <thead>
      <tr>
        <th scope="col">Kind</th>
        <th scope="col">As sent</th>
        <th scope="col">Said beside it</th>
        <th scope="col">From</th>
      </tr>
    </thead>
  );
}

export function Identifier({ identifier }: { readonly identifier: BriefIdentifier }) {
  const kind = identifierWords[identifier.kind] ?? sentenceCase(plainWords(identifier.kind));
  return (
    <tr>
      <th scope="row">{kind}</th>
      <td className="identifier-value">
        <Raw text={identifier.value} isCode />
        <CopyButton text={identifier.value} what={kind} />
      </td>
      <td>
        <Attributes attributes={identifier.attributes} />
      </td>
      <td>
        <From path={identifier.path} line={identifier.line} />
      </td>
    </tr>
  );
}

function attributeLabel(name: string): string {
  const label = labelOf('', name);
  return (label === name ? plainWords(name) : label).toLowerCase();
}

const timeForm = /^\d{4}-\d{2}-\d{2}T/;

/** Event, time, port and the rest, as sent; a time also in the reader's zone. */
function Attributes({ attributes }: { readonly attributes: Readonly<Record<string, string>> }) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return <span className="quiet">–</span>;
  return (
    <ul className="attributes">
      {entries.map(([name, value]) => (
        <li key={name}>
          <span className="quiet">{attributeWords[name] ?? attributeLabel(name)} </span>
          {timeForm.test(value) ? (
            <span title={`as sent: ${value}`}>{momentText(value)}</span>
          ) : (
            <Raw text={value} />
          )}
        </li>
      ))}
    </ul>
  );
}
