import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

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
