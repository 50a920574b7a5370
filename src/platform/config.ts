import { join, resolve } from 'node:path';
import { type LogLevel, logLevels } from '#platform/log';
import { type AuditConfig, readAuditConfig } from './config-audit.ts';
import { type ControlConfig, readControlConfig } from './config-control.ts';
import { type DatabaseSettings, readDatabaseSettings } from './config-database.ts';
import { type DecoderConfig, readDecoderConfig } from './config-decoder.ts';
import { type EvidenceConfig, readEvidenceConfig } from './config-evidence.ts';
import { type IntakeLimits, readIntakeLimits } from './config-intake.ts';
import { type OperationConfig, readOperationConfig } from './config-operation.ts';
import { ConfigReader, type Environment, isHost, isName, isPath, isPostgresUrl } from './config-reader.ts';
import { readSignInConfig, type SignInConfig } from './config-sign-in.ts';
import { readUpkeepConfig, type UpkeepConfig } from './config-upkeep.ts';
import { withHostsInQuery } from './postgres/hosts.ts';

/**
 * Everything that the surroundings may set. Secrets stand apart, have no default, and are never printed.
 * A part with several settings has a section of its own, read in a file of its own.
 */
export interface Config {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute. Everything that is kept lies below it. */
  readonly dataFolder: string;
  readonly keyFile: string;
  readonly evidence: EvidenceConfig;
  readonly decoder: DecoderConfig;
  /** Holds the keys with which the bureau signs receipts and the checkpoints of its audit log. */
  readonly signingKeyFile: string;
  /** The newest checkpoint of the audit log that this machine saw. */
  readonly anchorFile: string;
  /** Holds the key of digests that must mean nothing to anybody else: of watched identifiers and of erased files. */
  readonly digestKeyFile: string;
  /** Names what was erased for good, for whoever restores an older backup. */
  readonly erasuresFile: string;
  readonly control: ControlConfig;
  readonly audit: AuditConfig;
  /** Scheme and host for links, without a slash at the end, where a proxy stands in front. */
  readonly publicUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly bureauName: string;
  readonly maxDocumentBytes: number;
  readonly intake: IntakeLimits;
  readonly sessionHours: number;
  readonly signIn: SignInConfig;
  readonly workerConcurrency: number;
  readonly upkeep: UpkeepConfig;
  readonly database: DatabaseSettings;
  readonly operation: OperationConfig;
  readonly secrets: { readonly databaseUrl: string | undefined };
  /** What is in effect, by the names of the environment, fit to be shown and logged. */
  readonly shown: Readonly<Record<string, string | number | boolean | null>>;
}

type ConfigReading =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/**
 * Shapes the environment. An empty value counts as absent.
 * Gives every fault at once, each a sentence with the name, what is wrong and what to set instead.
 */
export function readConfig(environment: Environment): ConfigReading {
  const reader = new ConfigReader(environment);
  const dataFolder = resolve(reader.text('FIRSTLIGHT_DATA', './data', isPath, 'Set the path of a folder.'));
  const keyFile = reader.optionalText('FIRSTLIGHT_KEY_FILE', isPath, 'Set the path of a file.');
  const config: Config = {
    port: reader.integer('PORT', 8080, 0, 65_535),
    host: reader.text('HOST', '127.0.0.1', isHost, 'Set an IP address or a host name, for example 0.0.0.0.'),
    dataFolder,
    keyFile: keyFile === undefined ? join(dataFolder, 'keys', 'evidence.key') : resolve(keyFile),
    evidence: readEvidenceConfig(reader),
    decoder: readDecoderConfig(reader, environment.PATH ?? ''),
    signingKeyFile: join(dataFolder, 'keys', 'signing.key'),
    anchorFile: join(dataFolder, 'audit-anchor'),
    digestKeyFile: join(dataFolder, 'keys', 'digest.key'),
    erasuresFile: join(dataFolder, 'erasures.jsonl'),
    control: readControlConfig(reader),
    audit: readAuditConfig(reader),
    publicUrl: reader.origin('FIRSTLIGHT_PUBLIC_URL'),
    logLevel: reader.oneOf('FIRSTLIGHT_LOG', logLevels, 'warn'),
    bureauName: reader.text(
      'FIRSTLIGHT_NAME',
      'Firstlight bureau',
      isName,
      'Set up to 100 characters on one line.',
    ),
    maxDocumentBytes: reader.integer(
      'FIRSTLIGHT_MAX_DOCUMENT_BYTES',
      8 * mebibyte,
      64 * kibibyte,
      64 * mebibyte,
    ),
    intake: readIntakeLimits(reader),
    sessionHours: reader.integer('FIRSTLIGHT_SESSION_HOURS', 12, 1, 24),
    signIn: readSignInConfig(reader),
    workerConcurrency: reader.integer('FIRSTLIGHT_WORKER_CONCURRENCY', 4, 1, 64),
    upkeep: readUpkeepConfig(reader, dataFolder),
    database: readDatabaseSettings(reader),
    operation: readOperationConfig(reader),
    secrets: { databaseUrl: databaseUrlOf(reader) },
    shown: reader.shown,
  };
  reader.refuseUnknownNames();
  return reader.faults.length === 0 ? { kind: 'ok', config } : { kind: 'faults', faults: reader.faults };
}

function databaseUrlOf(reader: ConfigReader): string | undefined {
  const url = reader.secret(
    'DATABASE_URL',
    (value) => isPostgresUrl(withHostsInQuery(value)),
    'is not the address of a PostgreSQL database. Set it like postgresql://user:password@host:5432/database, ' +
      'or leave it out to use the built-in one.',
  );
  return url === undefined ? undefined : withHostsInQuery(url);
}

/** The configuration of this process. Prints every fault and ends with status 2 when there is any. */
export function configFromEnvironment(): Config {
  const reading = readConfig(process.env);
  if (reading.kind === 'ok') return reading.config;
  const count = reading.faults.length === 1 ? 'a fault' : `${reading.faults.length} faults`;
  const lines = [`The configuration has ${count}:`, ...reading.faults.map((fault) => `  - ${fault}`)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(2);
}

/** The whole environment, to be handed on to children of this process. */
export function environmentOfProcess(): Environment {
  return process.env;
}

/** Whether npm runs this process as one of its scripts. */
export function isRunByNpm(): boolean {
  return process.env.npm_lifecycle_event !== undefined;
}
