import type { KeyringNode } from '@aws-crypto/material-management-node';
import type { DecryptResponse, EncryptResponse, GenerateDataKeyResponse, KMS } from '@aws-sdk/client-kms';
import { Outage } from '#base/errors';
import type { EvidenceConfig } from '#platform/config-evidence';

/** One use of a KMS key, with what the service failed at, because the library passes on only texts. */
interface KmsUse {
  readonly keyring: KeyringNode;
  readonly outage: () => Outage | undefined;
}

export type KmsKeys = (arn: string) => KmsUse;

const connectMs = 3_000;
const answerMs = 10_000;
const attempts = 4;

/** Loads the libraries of the key service. Asks it nothing yet. */
export async function openKmsKeys(settings: EvidenceConfig['kms']): Promise<KmsKeys> {
  const [{ KMS: Client }, { KmsKeyringNode }] = await Promise.all([
    import('@aws-sdk/client-kms'),
    import('@aws-crypto/kms-keyring-node'),
  ]);
  const clients = new Map<string, KMS>();
  const clientOf = (region: string): KMS => {
    const known = clients.get(region);
    if (known !== undefined) return known;
    const client = new Client({
      region,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      maxAttempts: attempts,
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout: answerMs,
        throwOnRequestTimeout: true,
      },
    });
    clients.set(region, client);
    return client;
  };
  return (arn) => {
    let outage: Outage | undefined;
    const noting = async <T>(asked: Promise<T>): Promise<T> => {
      try {
        return await asked;
      } catch (error) {
        if (!isAboutTheBytes(error)) outage = outageOf(arn, error);
        throw error;
      }
    };
    const clientProvider = (region: string) => {
      const client = clientOf(region);
      return {
        generateDataKey: (input: Parameters<KMS['generateDataKey']>[0]): Promise<GenerateDataKeyResponse> =>
          noting(client.generateDataKey(input)),
        encrypt: (input: Parameters<KMS['encrypt']>[0]): Promise<EncryptResponse> =>
          noting(client.encrypt(input)),
        decrypt: (input: Parameters<KMS['decrypt']>[0]): Promise<DecryptResponse> =>
          noting(client.decrypt(input)),
      };
    };
    return {
      keyring: new KmsKeyringNode({ generatorKeyId: arn, clientProvider: clientProvider as never }),
      outage: () => outage,
    };
  };
}

/** The service answers, and says that these are not bytes that it made: that is damage. */
function isAboutTheBytes(error: unknown): boolean {
  return (
    error instanceof Error && ['InvalidCiphertextException', 'IncorrectKeyException'].includes(error.name)
  );
}

function outageOf(arn: string, cause: unknown): Outage {
  const name = cause instanceof Error ? cause.name : 'no answer';
  const isLost = ['NotFoundException', 'DisabledException', 'KMSInvalidStateException'].includes(name);
  const advice = isLost
    ? 'Enable the key again, or cancel its deletion: without it nothing that was sealed under it can be read.'
    : 'Look after the key service and the rights of this bureau; what was asked of it is tried again.';
  return new Outage(`The key service did not serve the key ${arn} (${name}). ${advice}`, { cause });
}
