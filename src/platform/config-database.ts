import { type ConfigReader, isPostgresUrl } from './config-reader.ts';

/** As what the parts of a bureau connect to an existing PostgreSQL. Holds passwords. */
export interface DatabaseSettings {
  /** Addresses of roles that an administrator made; undefined where Firstlight makes its own. */
  readonly roleUrls:
    | { readonly entrance: string; readonly intake: string; readonly desk: string; readonly worker: string }
    | undefined;
  /** Everything connects as the owner: no table defends itself. */
  readonly isOneRole: boolean;
}

export function readDatabaseSettings(reader: ConfigReader): DatabaseSettings {
  const urlOf = (name: string) =>
    reader.secret(
      name,
      (value) => isPostgresUrl(value) && URL.parse(value)?.username !== '',
      'is not the address of a PostgreSQL database with a user. Set it like postgresql://role:password@host:5432/database.',
    );
  const [entrance, intake, desk, worker] = [
    urlOf('FIRSTLIGHT_ENTRANCE_DATABASE_URL'),
    urlOf('FIRSTLIGHT_INTAKE_DATABASE_URL'),
    urlOf('FIRSTLIGHT_DESK_DATABASE_URL'),
    urlOf('FIRSTLIGHT_WORKER_DATABASE_URL'),
  ];
  const isOneRole = reader.flag('FIRSTLIGHT_ONE_DATABASE_ROLE', false);
  const given = [entrance, intake, desk, worker].filter((url) => url !== undefined).length;
  if (given > 0 && given < 4 && reader.faults.length === 0) {
    reader.faults.push(
      'Of FIRSTLIGHT_ENTRANCE_DATABASE_URL, FIRSTLIGHT_INTAKE_DATABASE_URL, FIRSTLIGHT_DESK_DATABASE_URL and ' +
        `FIRSTLIGHT_WORKER_DATABASE_URL ${given} are set. Set all four or none.`,
    );
  }
  const roleUrls =
    entrance === undefined || intake === undefined || desk === undefined || worker === undefined
      ? undefined
      : { entrance, intake, desk, worker };
  return { roleUrls, isOneRole };
}
