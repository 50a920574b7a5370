import { availableParallelism } from 'node:os';
import type { ConfigReader } from './config-reader.ts';

/** How files are looked at. */
export interface DecoderConfig {
  /** Processes of one worker that decode at once. */
  readonly processes: number;
  /** Decode nothing with less protection than this. */
  readonly least: 'process' | 'namespaces' | 'bubblewrap';
  /** The search path for the programs that protect them. */
  readonly path: string;
}

export function readDecoderConfig(reader: ConfigReader, path: string): DecoderConfig {
  const asked = reader.integer('FIRSTLIGHT_DECODERS', 0, 0, 64);
  return {
    // 0 takes one for each core, so that the default is the same text on every machine.
    processes: asked === 0 ? Math.min(availableParallelism(), 16) : asked,
    least: reader.oneOf('FIRSTLIGHT_DECODER_PROTECTION', ['process', 'namespaces', 'bubblewrap'], 'process'),
    path,
  };
}
