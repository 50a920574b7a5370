import type pg from 'pg';

/** What the catalogue says: relations, functions, schemas, and who may do what with them. */
export interface Catalog {
  readonly relations: readonly CatalogRelation[];
  /** On relations, by grantee; `public` for everybody. */
  readonly grants: readonly CatalogGrant[];
  readonly policies: readonly { relation: string; name: string; mark: string | null }[];
  readonly schemas: readonly { schema: string; grantee: string; verb: string }[];
  readonly functions: readonly { signature: string; name: string; grantees: readonly string[] }[];
}

export interface CatalogRelation {
  readonly name: string;
  /** Of `pg_class.relkind`: r, p, v, m, f, S. */
  readonly kind: string;
  /** The partitioned table that this is a part of. */
  readonly parent: string | null;
  readonly hasRowSecurity: boolean;
  readonly columns: readonly string[];
  readonly owner: string;
  /** Runs with the rights of whoever reads it; only ever true for a view. */
  readonly isInvokerView: boolean;
}

interface CatalogGrant {
  readonly relation: string;
  readonly column: string | null;
  readonly grantee: string;
  /** In capitals, as PostgreSQL has it. */
  readonly verb: string;
}

const ours = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
const grantee = "case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee) end";

/** Reads the whole of it in five statements. */
export async function readCatalog(client: pg.Pool | pg.PoolClient): Promise<Catalog> {
  const relations = await client.query<CatalogRelation>(`
    select n.nspname || '.' || c.relname as name, c.relkind as kind, c.relrowsecurity as "hasRowSecurity",
      pg_get_userbyid(c.relowner) as owner,
      (select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
        join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid and c.relispartition) as parent,
      coalesce('security_invoker=true' = any(c.reloptions), false) as "isInvokerView",
      array(select attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') order by 1`);
  const grants = await client.query<CatalogGrant>(`
    select n.nspname || '.' || c.relname as relation, null as column, ${grantee} as grantee, acl.privilege_type as verb
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) acl
    where ${ours} and acl.grantee <> c.relowner
    union all
    select n.nspname || '.' || c.relname, a.attname, ${grantee}, acl.privilege_type
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(a.attacl) acl
    where ${ours} and a.attacl is not null and not a.attisdropped and acl.grantee <> c.relowner`);
  const policies = await client.query<Catalog['policies'][number]>(`
    select n.nspname || '.' || c.relname as relation, p.polname as name, obj_description(p.oid, 'pg_policy') as mark
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace`);
  const schemas = await client.query<Catalog['schemas'][number]>(`
    select n.nspname as schema, ${grantee} as grantee, acl.privilege_type as verb
    from pg_namespace n cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) acl
    where ${ours} and acl.grantee <> n.nspowner`);
  const functions = await client.query<Catalog['functions'][number]>(`
    select p.oid::regprocedure::text as signature, n.nspname || '.' || p.proname as name,
      array(select ${grantee} from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
        where acl.grantee <> p.proowner) as grantees
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} order by 1`);
  return {
    relations: relations.rows,
    grants: grants.rows,
    policies: policies.rows,
    schemas: schemas.rows,
    functions: functions.rows,
  };
}
