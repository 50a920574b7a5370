import type { ConfigReader } from './config-reader.ts';

/** How the audit log is sealed, and who outside witnesses it. */
export interface AuditConfig {
  /** Pause between two looks for rows that wait to be sealed. */
  readonly sealSeconds: number;
  readonly witnesses: readonly WitnessAddress[];
  /** Least time between two questions to the same witness. */
  readonly witnessSeconds: number;
}

interface WitnessAddress {
  /** Submission prefix of C2SP tlog-witness: `add-checkpoint` is added to it. */
  readonly url: string;
  /** `name+hash+base64`. */
  readonly verifierKey: string;
}

export function readAuditConfig(reader: ConfigReader): AuditConfig {
  return {
    sealSeconds: reader.integer('FIRSTLIGHT_SEAL_SECONDS', 2, 1, 3600),
    witnesses: witnessesOf(
      reader.text(
        'FIRSTLIGHT_WITNESSES',
        '',
        (value) => witnessesOf(value).length === value.split(',').length,
        'Set a verifier key and an address for each witness, with commas between witnesses: ' +
          'witness.example+0123abcd+BASE64 https://witness.example/submit',
      ),
    ),
    witnessSeconds: reader.integer('FIRSTLIGHT_WITNESS_SECONDS', 60, 1, 86_400),
  };
}

function witnessesOf(value: string): readonly WitnessAddress[] {
  return value.split(',').flatMap((pair) => {
    const [verifierKey = '', url = '', ...more] = pair.trim().split(/\s+/);
    const isKey = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(verifierKey);
    if (!isKey || more.length > 0 || !URL.canParse(url) || !/^https?:\/\//.test(url)) return [];
    return [{ verifierKey, url: url.replace(/\/+$/, '') }];
  });
}
