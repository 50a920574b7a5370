/** The SQLSTATEs that this code reacts to (PostgreSQL 18 manual, appendix A). */
const sqlStates = {
  restrictViolation: '23001',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  invalidAuthorization: '28000',
  invalidPassword: '28P01',
  invalidCatalogName: '3D000',
  readOnlyTransaction: '25006',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  rightMissing: '42501',
  undefinedTable: '42P01',
  duplicateDatabase: '42P04',
  diskFull: '53100',
  outOfMemory: '53200',
  tooManyConnections: '53300',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  ioError: '58030',
} as const;

type SqlStateName = keyof typeof sqlStates;

/** Whether PostgreSQL refused with one of these states. Anything that is not an error of PostgreSQL is none of them. */
export function isSqlState(error: unknown, ...names: readonly SqlStateName[]): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return names.some((name) => sqlStates[name] === error.code);
}

/** The constraint that was violated, where PostgreSQL names one. */
export function constraintOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('constraint' in error)) return undefined;
  return typeof error.constraint === 'string' ? error.constraint : undefined;
}

/** A full or broken disk is a matter for people, but nothing of the request was kept: it may be sent again after it. */
const passing = [
  'adminShutdown',
  'cannotConnectNow',
  'crashShutdown',
  'diskFull',
  'ioError',
  'outOfMemory',
  // A standby, or what was the primary a moment ago.
  'readOnlyTransaction',
  'tooManyConnections',
] as const;

const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);

/**
 * Whether the database itself cannot be reached or takes nobody in at the moment, so that the same request may
 * succeed a little later. The driver's own errors carry no code, only these words.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (isSqlState(error, ...passing)) return true;
  if (!(error instanceof Error)) return false;
  // A request that broke off says ECONNRESET too, but names no call of the system.
  const isFromSocket =
    'syscall' in error && ['connect', 'read', 'write'].some((call) => call === error.syscall);
  if (isFromSocket && 'code' in error && typeof error.code === 'string' && unreachable.has(error.code))
    return true;
  return /^Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}
