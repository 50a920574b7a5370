import { createHash } from 'node:crypto';
import type { Catalog, CatalogRelation } from './role-catalog.ts';
import {
  type Allowed,
  allowedOf,
  type DatabaseRole,
  databaseRoles,
  type RoleRegister,
  type TableRule,
} from './role-register.ts';

/** The name that each role has in this cluster; a role that is not there has none. */
export type RoleNames = Readonly<Partial<Record<DatabaseRole, string>>>;

function named(names: RoleNames): { readonly role: DatabaseRole; readonly name: string }[] {
  return databaseRoles.flatMap((role) => {
    const name = names[role];
    return name === undefined ? [] : [{ role, name }];
  });
}

/** One difference between the register and the database: what it is, and the statement that ends it. */
export interface Difference {
  readonly what: string;
  readonly statement: string;
}

/**
 * Compares what the register says with what the catalogue says. Nothing is different when the list is empty. Speaks
 * of the bureau's roles and of `public` only; what an administrator granted to others is `strangersIn`.
 */
export function planGrants(
  register: RoleRegister,
  catalog: Catalog,
  names: RoleNames,
): readonly Difference[] {
  return [
    ...planSchemas(register, catalog, names),
    ...catalog.relations.flatMap((relation) => planRelation(register, catalog, names, relation)),
    ...planFunctions(register, catalog, names),
  ];
}

/** Relations and functions that nobody listed: no role may touch them, so a bureau cannot use them either. */
export function unlistedIn(register: RoleRegister, catalog: Catalog): readonly string[] {
  const relations = catalog.relations.filter(({ kind }) => kind !== 'S');
  const known = (relation: CatalogRelation) => ruleOf(register, relation) !== undefined;
  return [
    ...relations.filter((relation) => !known(relation)).map(({ name }) => name),
    ...catalog.functions.map(({ name }) => name).filter((name) => !(name in register.functions)),
  ];
}

/** What was granted to roles that are not the bureau's. */
export function strangersIn(catalog: Catalog, names: RoleNames): readonly string[] {
  const own = new Set<string>(['public', ...Object.values(names)]);
  const found = catalog.grants.filter(({ grantee }) => !own.has(grantee));
  return [...new Set(found.map(({ relation, grantee }) => `${grantee} on ${relation}`))];
}

function ruleOf(register: RoleRegister, relation: CatalogRelation): TableRule | undefined {
  return register.tables[relation.parent ?? relation.name];
}

/** Doubles quotes, as SQL wants it of a name. */
export function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function schemaOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

function planSchemas(register: RoleRegister, catalog: Catalog, names: RoleNames): Difference[] {
  const found = new Set(catalog.schemas.map(({ schema, grantee, verb }) => `${schema} ${grantee} ${verb}`));
  const present = new Set(catalog.relations.map(({ name }) => schemaOf(name)));
  return [...present].flatMap((schema) =>
    named(names).flatMap(({ role, name }): Difference[] => {
      const isWanted =
        Object.entries(register.tables).some(
          ([table, rule]) => schemaOf(table) === schema && rule.may[role] !== undefined,
        ) ||
        Object.entries(register.functions).some(
          ([called, roles]) => schemaOf(called) === schema && roles.includes(role),
        );
      const on = `schema ${quoted(schema)}`;
      return [
        ...(found.has(`${schema} ${name} CREATE`)
          ? [
              {
                what: `${role} may make things in schema ${schema}`,
                statement: `revoke create on ${on} from ${quoted(name)}`,
              },
            ]
          : []),
        // Everybody may use the schema public; nothing in it is granted to anybody.
        ...(isWanted !== found.has(`${schema} ${name} USAGE`)
          ? [
              isWanted
                ? {
                    what: `${role} may not use schema ${schema}`,
                    statement: `grant usage on ${on} to ${quoted(name)}`,
                  }
                : {
                    what: `${role} may use schema ${schema}`,
                    statement: `revoke usage on ${on} from ${quoted(name)}`,
                  },
            ]
          : []),
      ];
    }),
  );
}

function planRelation(
  register: RoleRegister,
  catalog: Catalog,
  names: RoleNames,
  relation: CatalogRelation,
): Difference[] {
  const rule = ruleOf(register, relation);
  const own = catalog.grants.filter((grant) => grant.relation === relation.name);
  const on = `${relation.kind === 'S' ? 'sequence' : 'table'} ${quoted(relation.name)}`;
  const differences: Difference[] = [];
  if (own.some(({ grantee }) => grantee === 'public')) {
    differences.push({
      what: `everybody may use ${relation.name}`,
      statement: `revoke all on ${on} from public`,
    });
  }
  for (const { role, name } of named(names)) {
    const words = relation.kind === 'S' ? undefined : rule?.may[role];
    const wanted = wantedGrants(words === undefined ? new Map() : allowedOf(words), relation);
    const found = own.filter(({ grantee }) => grantee === name).map(grantText);
    const isSame = wanted.length === found.length && wanted.every((one) => found.includes(one));
    if (isSame) continue;
    const grant = wanted.length === 0 ? '' : `; grant ${grantList(wanted)} on ${on} to ${quoted(name)}`;
    const columns = own.flatMap(({ grantee, column, verb }) =>
      grantee === name && column !== null ? [`${verb} (${quoted(column)})`] : [],
    );
    const columnsGone =
      columns.length === 0 ? '' : `revoke ${columns.join(', ')} on ${on} from ${quoted(name)}; `;
    differences.push({
      what: `${role} on ${relation.name}: ${found.join(', ') || 'nothing'} instead of ${wanted.join(', ') || 'nothing'}`,
      statement: `${columnsGone}revoke all on ${on} from ${quoted(name)}${grant}`,
    });
  }
  if (relation.kind === 'r' || relation.kind === 'p') {
    differences.push(...planRows(rule, catalog, names, relation));
  }
  return differences;
}

/** `SELECT` for a whole relation, `SELECT (id)` for a column. Columns that the table does not have are left out. */
function wantedGrants(allowed: Allowed, relation: CatalogRelation): string[] {
  return [...allowed].flatMap(([verb, columns]) =>
    columns === 'table'
      ? [verb.toUpperCase()]
      : columns
          .filter((column) => relation.columns.includes(column))
          .map((column) => `${verb.toUpperCase()} (${column})`),
  );
}

function grantText({ verb, column }: { readonly verb: string; readonly column: string | null }): string {
  return column === null ? verb : `${verb} (${column})`;
}

function grantList(wanted: readonly string[]): string {
  return wanted
    .map((one) => one.replace(/\((.+)\)$/, (_, column: string) => `(${quoted(column)})`))
    .join(', ');
}

/** Row-level security is on exactly where some role's rows are limited; every role then needs a policy to see any. */
function planRows(
  rule: TableRule | undefined,
  catalog: Catalog,
  names: RoleNames,
  relation: CatalogRelation,
): Difference[] {
  const table = quoted(relation.name);
  const isWanted = rule?.rows !== undefined;
  const found = catalog.policies.filter((policy) => policy.relation === relation.name);
  const differences: Difference[] = [];
  if (isWanted !== relation.hasRowSecurity) {
    differences.push({
      what: `rows of ${relation.name} are ${isWanted ? 'not kept' : 'kept'} apart`,
      statement: `alter table ${table} ${isWanted ? 'enable' : 'disable'} row level security`,
    });
  }
  const roles = isWanted ? named(names).filter(({ role }) => rule.may[role] !== undefined) : [];
  for (const { role, name } of roles) {
    const condition = rule?.rows?.[role] ?? 'true';
    const body = `for all to ${quoted(name)} using (${condition}) with check (${condition})`;
    const mark = createHash('sha256').update(body).digest('hex');
    if (found.some((policy) => policy.name === policyName(role) && policy.mark === mark)) continue;
    const policy = `${policyName(role)} on ${table}`;
    differences.push({
      what: `the rows of ${relation.name} that ${role} sees are not as the register says`,
      statement: `drop policy if exists ${policy}; create policy ${policy} ${body}; comment on policy ${policy} is '${mark}'`,
    });
  }
  const known = new Set(roles.map(({ role }) => policyName(role)));
  for (const policy of found.filter((one) => !known.has(one.name))) {
    differences.push({
      what: `the policy ${policy.name} of ${relation.name} is not in the register`,
      statement: `drop policy ${quoted(policy.name)} on ${table}`,
    });
  }
  return differences;
}

function policyName(role: DatabaseRole): string {
  return `rows_of_${role}`;
}

function planFunctions(register: RoleRegister, catalog: Catalog, names: RoleNames): Difference[] {
  return catalog.functions.flatMap(({ signature, name, grantees }) => {
    const on = `function ${signature}`;
    const wanted = register.functions[name] ?? [];
    const differences: Difference[] = [];
    if (grantees.includes('public')) {
      differences.push({
        what: `everybody may call ${name}`,
        statement: `revoke all on ${on} from public`,
      });
    }
    for (const { role, name: grantee } of named(names)) {
      if (wanted.includes(role) === grantees.includes(grantee)) continue;
      const verb = wanted.includes(role) ? 'grant execute on' : 'revoke all on';
      const to = wanted.includes(role) ? 'to' : 'from';
      differences.push({
        what: `${role} may ${wanted.includes(role) ? 'not ' : ''}call ${name}`,
        statement: `${verb} ${on} ${to} ${quoted(grantee)}`,
      });
    }
    return differences;
  });
}
