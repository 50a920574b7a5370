import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * What may be said of an error: its kind, code, words and stack. Drivers hang connections with their secrets, and
 * rows with their values, on errors; those stay out.
 */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: told(error.cause) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}

/**
 * Structured log on standard error. Standard output belongs to the ready line and to people. Credentials and
 * cookies are cut out here, so that a request object logged in haste cannot leak them.
 */
export function createLog(level: LogLevel, part: string): Logger {
  return pino(
    {
      level,
      base: { part },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: told, cause: told },
      redact: [
        'req.headers.authorization',
        'req.headers.cookie',
        'authorization',
        'cookie',
        'password',
        'token',
      ],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
