import { childOf, textOf, type Visit, walk } from './document-walk.ts';
import type { IdentifierDraft, IdentifierKind, PartyDraft, PartyRole, SentNode } from './report-draft.ts';
import type { ElementSpec } from './vocabulary/compiled.ts';

export interface Mapped {
  readonly parties: readonly PartyDraft[];
  /** Identifiers that stand outside every party: those of a file. */
  readonly loose: readonly IdentifierDraft[];
}

interface OpenParty {
  readonly role: PartyRole;
  readonly path: string;
  readonly ofPath?: string;
  readonly identifiers: IdentifierDraft[];
}

/** Gathers parties and identifiers as reported; which elements are which stands in the vocabulary's tables. */
export function mapParties(root: SentNode, spec: ElementSpec): Mapped {
  const parties: OpenParty[] = [];
  const loose: IdentifierDraft[] = [];
  const owner = new Map<Visit, OpenParty>();
  const contexts: Contexts = new Map();
  walk(root, spec, (visit) => {
    const around = visit.parent === undefined ? undefined : owner.get(visit.parent);
    const { party, identifier } = visit.spec;
    const own = party === undefined ? around : openParty(party, visit, around);
    if (own !== undefined) owner.set(visit, own);
    if (own !== undefined && own !== around) parties.push(own);
    const draft = identifier === undefined ? undefined : identifierOf(identifier, visit, contexts);
    if (draft !== undefined) (own?.identifiers ?? loose).push(draft);
  });
  return { parties: parties.filter(isWorthKeeping), loose };
}

function openParty(role: PartyRole, { path }: Visit, around: OpenParty | undefined): OpenParty {
  const base = { role, path, identifiers: [] };
  return around === undefined ? base : { ...base, ofPath: around.path };
}

/** The place of an incident is a party only for the identifiers in it. */
function isWorthKeeping(party: OpenParty): boolean {
  return party.role !== 'incident-detail' || party.identifiers.length > 0;
}

const addressParts = ['address', 'city', 'zipCode', 'state', 'nonUsaState', 'country'];
const nameParts = ['firstName', 'middleName', 'lastName'];

/** What stands beside an account, by the element that both stand in: looked up once, however many accounts there are. */
type Contexts = Map<Visit, Readonly<Record<string, string>>>;

function identifierOf(kind: IdentifierKind, visit: Visit, contexts: Contexts): IdentifierDraft | undefined {
  switch (kind) {
    case 'ip':
      return pointed(kind, visit, 'ipAddress', ['eventName', 'dateTime', 'possibleProxy', 'port']);
    case 'device':
      return pointed(kind, visit, 'idValue', ['idType', 'eventName', 'dateTime']);
    case 'address':
      return joined(kind, visit, addressParts, ', ');
    case 'name':
      return joined(kind, visit, nameParts, ' ');
    default:
      return draft(kind, visit.node.value ?? '', visit.path, visit.node.line, {
        ...visit.node.attributes,
        ...contextOf(kind, visit, contexts),
      });
  }
}

/** An identifier whose value stands in one child and whose circumstances in others. */
function pointed(kind: IdentifierKind, { node, path }: Visit, name: string, around: readonly string[]) {
  const child = childOf(node, name);
  return draft(kind, child?.value ?? '', `${path}/${name}`, child?.line ?? node.line, parts(node, around));
}

/** An identifier made of several children, in their usual order; each part stays in the attributes as sent. */
function joined(kind: IdentifierKind, { node, path }: Visit, names: readonly string[], glue: string) {
  const said = parts(node, names);
  return draft(kind, Object.values(said).join(glue), path, node.line, { ...node.attributes, ...said });
}

function parts(node: SentNode, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = textOf(node, name);
    if (value !== undefined && value.trim() !== '') found[name] = value;
  }
  return found;
}

/** An account means something only together with the service it is an account of; a page with who hosts it. */
function contextOf(
  kind: IdentifierKind,
  { parent }: Visit,
  contexts: Contexts,
): Readonly<Record<string, string>> {
  if (parent === undefined) return {};
  if (kind === 'url') return { ...parent.node.attributes };
  if (kind !== 'provider-account' && kind !== 'screen-name' && kind !== 'display-name') return {};
  const known = contexts.get(parent) ?? parts(parent.node, ['espService', 'platform']);
  contexts.set(parent, known);
  return known;
}

function draft(
  kind: IdentifierKind,
  value: string,
  path: string,
  line: number | undefined,
  attributes: Readonly<Record<string, string>>,
): IdentifierDraft | undefined {
  if (value.trim() === '') return undefined;
  return line === undefined ? { kind, value, path, attributes } : { kind, value, path, line, attributes };
}
