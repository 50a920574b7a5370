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
} as const;

export const refuse = refusalsOf(vaultCodes);
