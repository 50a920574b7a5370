import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A small key service that speaks the JSON protocol of AWS KMS: GenerateDataKey, Encrypt and Decrypt under keys of
 * its own, which never leave it, with AES-256-GCM and the encryption context as additional data.
 */
export interface KmsServer {
  readonly url: string;
  /** Makes a key and gives its ARN. */
  readonly addKey: () => string;
  /** `undefined` serves; otherwise every request is answered so, or not at all. */
  trouble: 'down' | 'silent' | 'denied' | 'throttled' | 'disabled' | undefined;
  /** Names of the operations, in order. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

const faults = {
  denied: [400, 'AccessDeniedException'],
  throttled: [400, 'ThrottlingException'],
  disabled: [400, 'DisabledException'],
} as const;

export async function startKmsServer(): Promise<KmsServer> {
  const keys = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
    asked.push(operation);
    if (state.trouble === 'silent') return;
    if (state.trouble === 'down') {
      request.socket.destroy();
      return;
    }
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    if (state.trouble !== undefined) {
      const [status, type] = faults[state.trouble];
      answer(status, { __type: type, message: 'as it was told' });
      return;
    }
    answer(...answerTo(operation, Buffer.concat(chunks).toString(), keys));
  });
  const state: KmsServer = {
    url: '',
    addKey: () => {
      const arn = `arn:aws:kms:eu-west-2:000000000000:key/${randomBytes(8).toString('hex')}`;
      keys.set(arn, randomBytes(32));
      return arn;
    },
    trouble: undefined,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => undefined);
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

interface Input {
  readonly KeyId?: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly NumberOfBytes?: number;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
}

function answerTo(operation: string, text: string, keys: ReadonlyMap<string, Buffer>): [number, unknown] {
  const input = JSON.parse(text) as Input;
  const context = Buffer.from(JSON.stringify(Object.entries(input.EncryptionContext ?? {}).sort()));
  const keyId = input.KeyId ?? '';
  const key = keys.get(keyId);
  if (key === undefined) return [400, { __type: 'NotFoundException', message: 'no such key' }];
  if (operation === 'Decrypt') {
    const blob = Buffer.from(input.CiphertextBlob ?? '', 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12)).setAAD(context);
      decipher.setAuthTag(blob.subarray(12, 28));
      const plain = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
      return [200, { KeyId: keyId, Plaintext: plain.toString('base64') }];
    } catch {
      return [400, { __type: 'InvalidCiphertextException' }];
    }
  }
  const plain =
    operation === 'Encrypt'
      ? Buffer.from(input.Plaintext ?? '', 'base64')
      : randomBytes(input.NumberOfBytes ?? 32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(context);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  const blob = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  const made = operation === 'GenerateDataKey' ? { Plaintext: plain.toString('base64') } : {};
  return [200, { KeyId: keyId, CiphertextBlob: blob, ...made }];
}
