import { createHash } from 'node:crypto';
import type { CybertipBody } from '#contract/intake';
import { type Random, randomOf } from '../../demo/day/random.ts';

/** Invented contents of a trial: the same seed and number give the same report, byte for byte. */
export interface TrialReport {
  readonly door: 'v1' | 'ispws';
  readonly end: 'filed' | 'retracted' | 'open';
  readonly files: readonly {
    readonly bytes: Buffer;
    readonly sha256: string;
    readonly isDescribed: boolean;
  }[];
  readonly isUrgent: boolean;
  readonly account: string;
}

const stockSize = 40;

export function reportOf(seed: number, index: number): TrialReport {
  const random = randomOf(seed, 'report', index);
  const count = random.weighted([
    [0, 1],
    [1, 6],
    [2, 3],
    [5, 1],
  ]);
  const files = Array.from({ length: count }, (_, position) => {
    // Some files are sent again and again by everybody, as they are in the world.
    const name = random.chance(0.3)
      ? `stock/${random.whole(1, stockSize)}`
      : `report/${index}/file/${position}`;
    const own = randomOf(seed, name);
    const bytes = own.chance(0.15)
      ? pictureOf(`${seed}/${name}`, own)
      : bytesOf(`${seed}/${name}`, sizeOf(own));
    return {
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      isDescribed: random.chance(0.4),
    };
  });
  return {
    door: random.chance(0.6) ? 'v1' : 'ispws',
    end: random.weighted([
      ['filed', 90],
      ['retracted', 7],
      ['open', 3],
    ]),
    files,
    isUrgent: random.chance(0.2),
    account: `trial-${index}`,
  };
}

function sizeOf(random: Random): number {
  const [least, most] = random.weighted([
    [[1, 300] as const, 4],
    [[1_000, 40_000] as const, 10],
    [[65_536, 65_536] as const, 1],
    [[200_000, 1_200_000] as const, 0.5],
  ]);
  return random.whole(least, most);
}

/** SHAKE256 of a name (FIPS 202), as long as wanted. */
function bytesOf(name: string, size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update(name).digest();
}

/** A Windows bitmap of noise, 24 bits a pixel, so that the decoder has something to decode. */
function pictureOf(name: string, random: Random): Buffer {
  const [width, height] = [random.whole(1, 30) * 4, random.whole(4, 120)];
  const pixels = bytesOf(name, width * height * 3);
  const head = Buffer.alloc(54);
  head.write('BM', 'latin1');
  head.writeUInt32LE(head.length + pixels.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  return Buffer.concat([head, pixels]);
}

export function jsonBody(report: TrialReport): CybertipBody {
  return {
    profile: 'cybertip',
    incident: {
      type: 'Child Sex Tourism',
      occurredAt: '2026-01-01T00:00:00Z',
      ...(report.isUrgent ? { escalation: 'A person may be in danger now.' } : {}),
    },
    reporter: { email: 'desk@harbour-chat.example' },
    parties: [{ role: 'reported-user', identifiers: [{ kind: 'provider-account', value: report.account }] }],
  };
}

export function xmlBody(report: TrialReport): string {
  const escalation = report.isUrgent
    ? '<escalateToHighPriority>A person may be in danger now.</escalateToHighPriority>'
    : '';
  return (
    `<report><incidentSummary><incidentType>Child Sex Tourism</incidentType>${escalation}` +
    '<incidentDateTime>2026-01-01T00:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson>' +
    '<email>desk@harbour-chat.example</email></reportingPerson></reporter><personOrUserReported>' +
    `<espIdentifier>${report.account}</espIdentifier></personOrUserReported></report>`
  );
}
