/**
 * The roles that the processes of a bureau are in the database. None owns anything.
 * entrance: whoever is not known yet, and finding out who it is. intake: requests of services, each bound to its own rows.
 * desk: requests of staff and of the machine's administrator. worker: jobs. statistics and auditor: people's tools
 * that read.
 */
export const databaseRoles = ['entrance', 'intake', 'desk', 'worker', 'statistics', 'auditor'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

/** What a process connects as. */
export type ProcessRole = Extract<DatabaseRole, 'entrance' | 'intake' | 'desk' | 'worker'>;
export const processRoles = [
  'entrance',
  'intake',
  'desk',
  'worker',
] as const satisfies readonly ProcessRole[];

/** What the rows of a table are, which decides who may never see them. */
type Holding = 'content' | 'personal' | 'reference' | 'operational' | 'audit' | 'secret';

/** `maintain` is to vacuum, analyse and reindex, and to lock: it shows and changes no row. */
export type Verb = 'select' | 'insert' | 'update' | 'delete' | 'maintain';

export interface TableRule {
  readonly holds: Holding;
  /** Role to what it may: verbs, each with the columns it is limited to: `select insert update(state, ended_at)`. */
  readonly may: Readonly<Partial<Record<DatabaseRole, string>>>;
  /**
   * Role to the condition (SQL) that its rows meet, to be read and to be written. A role that is not named here sees
   * every row of what it may.
   */
  readonly rows?: Readonly<Partial<Record<DatabaseRole, string>>>;
  /** Rows are added and never changed or taken away, by anybody: held by a trigger as well. */
  readonly addsOnly?: true;
}

export interface RoleRegister {
  /** `schema.table` to its rule; a partition follows its parent. */
  readonly tables: Readonly<Record<string, TableRule>>;
  /** `schema.function` to the roles that may call it. */
  readonly functions: Readonly<Record<string, readonly DatabaseRole[]>>;
}

/** A verb on a whole table, or on some of its columns. */
export type Allowed = ReadonlyMap<Verb, 'table' | readonly string[]>;

const part = /^(select|insert|update|delete|maintain)(?:\(([^)]+)\))?(?:\s+|$)/;

/** Reads the words of one line of the register. @throws Error that names what it cannot read */
export function allowedOf(words: string): Allowed {
  const allowed = new Map<Verb, 'table' | readonly string[]>();
  for (let rest = words.trim(); rest !== ''; ) {
    const found = part.exec(rest);
    if (found === null)
      throw new Error(`the register of grants says "${rest}", which is no verb with columns`);
    const [all, verb, columns] = found;
    allowed.set(
      verb as Verb,
      columns === undefined ? 'table' : columns.split(',').map((name) => name.trim()),
    );
    rest = rest.slice(all.length);
  }
  return allowed;
}
