import type { Target } from './target.ts';
import { decoderTargets } from './targets/decoder.ts';
import { documentTargets } from './targets/documents.ts';
import { evidenceTargets } from './targets/evidence.ts';
import { headerTargets } from './targets/headers.ts';
import { jsonTargets } from './targets/json.ts';
import { proofTargets } from './targets/proofs.ts';
import { settingsTargets } from './targets/settings.ts';

/** Every parser of bytes from outside that runs in a process of ours. */
export const targets: readonly Target[] = [
  ...documentTargets,
  ...jsonTargets,
  ...headerTargets,
  ...proofTargets,
  ...settingsTargets,
  ...evidenceTargets,
  ...decoderTargets,
];
