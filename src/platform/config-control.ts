import type { ConfigReader } from './config-reader.ts';

/** How long emergency access lasts. */
export interface ControlConfig {
  /** Access to one report. */
  readonly emergencyMinutes: number;
  /** A session that began with a printed code. */
  readonly emergencySessionMinutes: number;
}

export function readControlConfig(reader: ConfigReader): ControlConfig {
  return {
    emergencyMinutes: reader.integer('FIRSTLIGHT_EMERGENCY_MINUTES', 60, 5, 480),
    emergencySessionMinutes: reader.integer('FIRSTLIGHT_EMERGENCY_SESSION_MINUTES', 240, 15, 720),
  };
}
