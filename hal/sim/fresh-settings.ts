// What a charger comes out of the box with: what its factory knows of the hardware, and nothing of any site.

import { parse } from "../../src/settings.js";
import type { SettingsResult } from "./scenario-settings.js";

/** Bare numbers, as in the scenario file. */
export interface FreshSource {
  readonly id: string;
  readonly maxA: number;
  readonly cableA: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** `settings` of the scenario are what the factory wrote beside that, its passwords for one. `key` names the charger. */
export function freshSettings({ id, maxA, cableA, settings }: FreshSource, key: string): SettingsResult {
  const result = parse({ id, maxA, cableA, ...settings });
  if (result.ok) return result;
  const [first] = result.errors;
  return { ok: false, key: `${key}.${first?.field}`, why: first?.why ?? "refused" };
}
