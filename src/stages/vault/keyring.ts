import type { KeyringNode } from '@aws-crypto/material-management-node';
import { Outage } from '#base/errors';
import { type EvidenceConfig, isKmsKey } from '#platform/config-evidence';
import type { KeyFile } from './key-file.ts';
import { type KmsKeys, openKmsKeys } from './kms-keys.ts';

/** One key, ready to wrap or unwrap a file's own data key. */
export interface UsableKey {
  readonly id: string;
  readonly wrapping: KeyringNode;
  /** Why the key service did not serve; undefined when it did, or when there is none. */
  readonly outage: () => Outage | undefined;
}

/**
 * The keys that wrap every file's own data key: those of the key file, and those of a key service by their ARN. A
 * file is sealed under the current key and names it, so that older keys stay readable while evidence is sealed again.
 */
export class Keyring {
  readonly #file: KeyFile | undefined;
  readonly #keyFilePath: string;
  readonly #settings: EvidenceConfig['kms'];
  #kms: Promise<KmsKeys> | undefined;

  /** @param file undefined where a key service is used from the start */
  constructor(file: KeyFile | undefined, keyFilePath: string, settings: EvidenceConfig['kms']) {
    this.#file = file;
    this.#keyFilePath = keyFilePath;
    this.#settings = settings;
  }

  /** Id of the key that new seals are made under, as last read. */
  get currentId(): string {
    return this.#settings.key ?? this.#file?.currentId ?? '';
  }

  /** Ids of every key that can be read with, the current one included; KMS keys of older seals by their ARN besides. */
  get ids(): readonly string[] {
    const { key } = this.#settings;
    return [...(this.#file?.ids ?? []), ...(key === undefined ? [] : [key])];
  }

  /** ARN of the key of the key service that new seals are made under; undefined where a key file is used. */
  get kmsKeyId(): string | undefined {
    return this.#settings.key;
  }

  /** Makes a key of the key file under this id the current one, unless it is there. One process at a time. */
  async add(id: string, now: Date): Promise<void> {
    if (isKmsKey(id)) return;
    if (this.#file === undefined) throw new Error('there is no key file to add a key to');
    await this.#file.add(id, now);
  }

  /** Takes a key out of the key file for good. A key service keeps its own keys. One process at a time. */
  async drop(id: string): Promise<void> {
    if (!isKmsKey(id)) await this.#file?.drop(id);
  }

  /** The key that new seals are made under, read again if the file changed. Throws Outage when the file is gone. */
  async forSealing(): Promise<UsableKey> {
    if (this.#settings.key === undefined) await this.#file?.refresh();
    return await this.#use(this.currentId);
  }

  /** A key by its id. Throws, with what to restore, when it is not held; the file is read again before. */
  async forOpening(id: string): Promise<UsableKey> {
    if (!isKmsKey(id) && this.#file?.keyring(id) === undefined) await this.#file?.refresh();
    return await this.#use(id);
  }

  /** Throws when nothing could be sealed now, as far as can be told without asking a key service. */
  async check(): Promise<void> {
    await this.#file?.refresh();
  }

  async #use(id: string): Promise<UsableKey> {
    if (isKmsKey(id)) {
      this.#kms ??= openKmsKeys(this.#settings);
      const { keyring, outage } = (await this.#kms)(id);
      return { id, wrapping: keyring, outage };
    }
    const keyring = this.#file?.keyring(id);
    if (keyring === undefined) {
      throw new Outage(
        `Key ${id} is not in the key file ${this.#keyFilePath}. Restore the key file that holds it from its backup.`,
      );
    }
    return { id, wrapping: keyring, outage: () => undefined };
  }
}
