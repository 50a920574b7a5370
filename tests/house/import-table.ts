/** One row of the import table: a folder, what it may import, and what it must never. */
export interface Zone {
  readonly name: string;
  /** Which files belong to it; the first zone that fits is the one. */
  readonly holds: RegExp;
  /** Zones that it may import, itself included where its files may import each other. */
  readonly mayImport: readonly string[];
  /** Zones of which it may import types only. */
  readonly mayImportTypes?: readonly string[];
  /** `node:` modules and npm packages by name. */
  readonly node: boolean;
  readonly packages: readonly string[] | 'any';
  /** The row's last cell. */
  readonly never: string;
}

/**
 * Which stage may use the door of which: only of those before it. The vault stands before intake here, because
 * intake seals what it receives; what happened travels the other way as events.
 */
export const stageOrder = [
  'vault',
  'intake',
  'fingerprint',
  'link',
  'assess',
  'route',
  'outcomes',
  'statistics',
  'retain',
] as const;

/** ARCHITECTURE.md shows this table; a test keeps the two equal. */
export const zones: readonly Zone[] = [
  {
    name: 'base',
    holds: /^src\/base\//,
    mayImport: ['base'],
    node: false,
    packages: [],
    never: 'clock, randomness, environment',
  },
  {
    name: 'rules',
    holds: /^src\/stages\/[^/]+\/rules\//,
    mayImport: ['base', 'rules', 'formats'],
    mayImportTypes: ['contract', 'stage door'],
    node: false,
    packages: [],
    never: 'platform, store, clock, randomness',
  },
  {
    name: 'formats',
    holds: /^src\/stages\/[^/]+\/formats\//,
    mayImport: ['base', 'rules', 'formats'],
    mayImportTypes: ['contract', 'stage door'],
    node: false,
    packages: ['libxml2-wasm', 'typebox'],
    never: 'platform, store, clock, randomness',
  },
  {
    name: 'contract',
    holds: /^src\/contract\//,
    mayImport: ['base', 'contract'],
    node: false,
    packages: ['typebox'],
    never: 'anything that does not load in a browser',
  },
  {
    name: 'proof',
    holds: /^src\/proof\//,
    mayImport: ['base', 'proof'],
    node: true,
    packages: ['jose'],
    never: 'platform, clock, randomness, network: anyone can run it offline',
  },
  {
    name: 'decoder',
    holds: /^src\/decoder\//,
    mayImport: ['base', 'decoder', 'kernel'],
    node: true,
    packages: ['heic-decode', 'sharp'],
    never: 'platform, stages; a file, the network or the database from within the child',
  },
  {
    name: 'platform',
    holds: /^src\/platform\//,
    mayImport: ['base', 'platform'],
    node: true,
    packages: ['@opentelemetry/api', 'fastify', 'kysely', 'pg', 'pg-boss', 'pino', 'prom-client'],
    never: 'contract, access, stages',
  },
  {
    name: 'access',
    holds: /^src\/access\//,
    mayImport: ['base', 'contract', 'proof', 'platform', 'access'],
    node: true,
    packages: ['@node-rs/argon2', '@simplewebauthn/server', 'fastify', 'kysely', 'openid-client', 'typebox'],
    never: 'stages, exchange, screens',
  },
  {
    name: 'stage',
    holds: /^src\/stages\//,
    mayImport: [
      'base',
      'contract',
      'proof',
      'platform',
      'access door',
      'decoder door',
      'stage',
      'rules',
      'formats',
      'stage door',
    ],
    node: true,
    packages: [
      '@aws-crypto/decrypt-node',
      '@aws-crypto/encrypt-node',
      '@aws-crypto/kms-keyring-node',
      '@aws-crypto/material-management-node',
      '@aws-crypto/raw-aes-keyring-node',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@fastify/busboy',
      'kysely',
      'typebox',
    ],
    never: "later stages; another stage's inner files; React",
  },
  {
    name: 'exchange',
    holds: /^src\/exchange\//,
    mayImport: ['base', 'contract', 'platform', 'access door', 'exchange', 'stage door'],
    node: true,
    packages: ['kysely', 'typebox'],
    never: 'screens',
  },
  {
    name: 'screens',
    holds: /^src\/screens\//,
    mayImport: ['base', 'contract', 'platform', 'access door', 'screens'],
    mayImportTypes: ['stage door'],
    node: true,
    packages: ['kysely', 'typebox'],
    never: 'deeds; writing',
  },
  {
    name: 'upkeep',
    holds: /^src\/upkeep\//,
    mayImport: ['base', 'contract', 'proof', 'platform', 'access door', 'stage door', 'upkeep'],
    node: true,
    packages: [
      '@aws-crypto/decrypt-node',
      '@aws-crypto/encrypt-node',
      '@aws-crypto/material-management-node',
      '@aws-crypto/raw-aes-keyring-node',
      'kysely',
      'pg',
      'tar-stream',
    ],
    never: 'routes; screens; deciding anything about a report',
  },
  {
    name: 'composition',
    holds: /^src\/[^/]+\.ts$/,
    mayImport: [
      'base',
      'contract',
      'platform',
      'access door',
      'decoder door',
      'stage door',
      'exchange door',
      'screens door',
      'upkeep door',
      'composition',
      'console build',
    ],
    node: true,
    packages: ['fastify', 'kysely'],
    never: 'inner files',
  },
  {
    name: 'console build',
    holds: /^console\/(build|vite\.config)\.ts$/,
    mayImport: ['console build'],
    node: true,
    packages: 'any',
    never: 'anything else of ours; it runs before there is a console',
  },
  {
    name: 'console',
    holds: /^console\//,
    mayImport: ['base', 'contract', 'console'],
    node: false,
    packages: 'any',
    never: 'everything else in `src/`',
  },
  {
    name: 'provider',
    holds: /^provider\//,
    mayImport: ['base', 'contract', 'provider', 'kernel'],
    node: true,
    packages: 'any',
    never: 'everything else in `src/`',
  },
  {
    name: 'cli',
    holds: /^cli\//,
    mayImport: ['base', 'contract', 'proof', 'decoder door', 'cli'],
    node: true,
    packages: [],
    never: 'everything else in `src/`',
  },
  {
    name: 'kernel',
    holds: /^kernel\//,
    mayImport: ['kernel'],
    node: true,
    packages: [],
    never: '`src/`',
  },
];

/** How a zone is written in the table. */
export const zoneTitles: Readonly<Record<string, string>> = {
  base: '`base/`',
  rules: '`*/rules`',
  formats: '`*/formats`',
  contract: '`contract/`',
  proof: '`proof/`',
  decoder: '`decoder/`',
  'decoder door': '`#decoder`',
  platform: '`platform/`',
  access: '`access/`',
  'access door': '`#access`',
  stage: 'a stage',
  'stage door': 'doors of earlier stages',
  exchange: '`exchange/`',
  'exchange door': '`#exchange`',
  screens: '`screens/`',
  'screens door': '`#screens`',
  upkeep: '`upkeep/`',
  'upkeep door': '`#upkeep`',
  composition: '`src/*.ts`',
  'console build': 'building the console',
  console: '`console/`',
  provider: '`provider/`',
  cli: '`cli/`',
  kernel: '`kernel/`',
};

/** The table as ARCHITECTURE.md has it, in Markdown. */
export function tableText(): string {
  const rows = zones.map((zone) => {
    const others = zone.mayImport.filter((name) => name !== zone.name);
    const parts = [
      zone.mayImport.includes(zone.name) ? 'itself' : '',
      ...others.map((name) => ownTitle(zone, name)),
      ...(zone.mayImportTypes ?? []).map((name) => `types of ${ownTitle(zone, name)}`),
      zone.node ? '`node:*`' : '',
      zone.packages === 'any' ? 'its own libraries' : zone.packages.map((name) => `\`${name}\``).join(', '),
    ];
    return `| ${zoneTitles[zone.name]} | ${parts.filter((part) => part !== '').join(', ')} | ${zone.never} |`;
  });
  return ['| folder | may import | never |', '|---|---|---|', ...rows].join('\n');
}

/** A stage's pure folders are its own only. */
function ownTitle(zone: Zone, name: string): string {
  if (name === 'stage door' && !['rules', 'formats', 'stage'].includes(zone.name)) return 'doors of stages';
  const isOwn = (name === 'rules' || name === 'formats') && ['rules', 'formats', 'stage'].includes(zone.name);
  return `${isOwn ? 'own ' : ''}${zoneTitles[name] ?? name}`;
}
