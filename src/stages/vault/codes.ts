import { refusalsOf } from '#base/errors';

/** Every way in which the vault refuses; compared with docs/errors.md. */
export const vaultCodes = {
  'vault.unknown-file': {
    status: 404,
    sentence: 'There is no file with this id. Check the id in the report that it belongs to.',
  },
  'vault.file-destroyed': {
    status: 410,
    sentence:
      'The bytes of this file were destroyed because no report holds them any longer. The custody list says when.',
  },
  'vault.file-damaged': {
    status: 409,
    sentence:
      'The bytes of this file no longer match their seal, so they are not given out. Ask an administrator to restore them from backup and to run "firstlight verify".',
  },
  'vault.staging-lost': {
    status: 409,
    sentence: 'The uploaded bytes waited too long to be filed and were removed. Upload the file again.',
  },
  'vault.file-sound': {
    status: 409,
    sentence:
      'The bytes of this file match their seal, so there is nothing to restore. Run "firstlight verify" if you doubt it.',
  },
  'vault.other-bytes': {
    status: 409,
    sentence:
      'These are the bytes of another file, so they were not taken. Find the copy whose SHA-256 is that of the damaged file.',
  },
  'vault.not-a-sealed-file': {
    status: 400,
    sentence:
      'This is not a whole sealed file that the keys of this bureau open. Take an undamaged copy from the backup, as it stood in the evidence store.',
  },
  'vault.nothing-set-aside': {
    status: 404,
    sentence: 'No damaged copy of this file is set aside. List what is, with "firstlight vault status".',
  },
  'vault.not-the-store': {
    status: 409,
    sentence:
      'New evidence goes to another store; the details say which. Set FIRSTLIGHT_STORE, start every process anew, then move.',
  },
  'vault.reseal-under-way': {
    status: 409,
    sentence:
      'Evidence is being sealed again right now. Wait until that run is done; "firstlight vault status" shows how far it is.',
  },
  'vault.nothing-to-rotate': {
    status: 409,
    sentence:
      'Everything is sealed under the configured key of the key service, which renews its own material. To change the key, set FIRSTLIGHT_KMS_KEY and start every process anew.',
  },
  'vault.unknown-key': {
    status: 404,
    sentence: 'The bureau has no key with this id. List the keys with "firstlight keys list".',
  },
  'vault.key-current': {
    status: 409,
    sentence:
      'This is the key that new evidence is sealed under. Run "firstlight keys rotate" first, and retire it when that is done.',
  },
  'vault.key-in-use': {
    status: 409,
    sentence:
      'Files stand under this key that could not be read without it; the details say how many. Rotate, and restore or let go what is damaged, then retire it.',
  },
} as const;

export const refuse = refusalsOf(vaultCodes);
