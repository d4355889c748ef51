// The configurations of docs/evcc.md, read as far as evcc's plugins go by them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const PAGE = readFileSync(new URL("../docs/evcc.md", import.meta.url), "utf8");

/** Each value of the YAML under a heading of the page by its path: "status.topic". Lists count from 0. */
function yamlOf(heading: string): ReadonlyMap<string, string> {
  const [, part = ""] = PAGE.split(`## ${heading}\n`);
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(part) ?? [];
  const values = new Map<string, string>();
  const path: { readonly depth: number; readonly name: string }[] = [];
  const counts = new Map<string, number>();
  for (const line of yaml.split("\n")) {
    const [, space = "", item = "", name = "", value = ""] = /^( *)(- )?([\w-]+):(?: (.*))?$/.exec(line) ?? [];
    if (name === "") continue;
    while ((path.at(-1)?.depth ?? -1) >= space.length) path.pop();
    const within = path.map((one) => one.name).join(".");
    if (item !== "") {
      const count = counts.get(within) ?? 0;
      counts.set(within, count + 1);
      path.push({ depth: space.length, name: String(count) });
    }
    path.push({ depth: space.length + item.length, name });
    if (value !== "") values.set(path.map((one) => one.name).join("."), value);
  }
  return values;
}

export const GETTERS = ["status", "enabled", "power", "energy", "currents.0", "currents.1", "currents.2", "identify"];
export const SETTERS = { enable: ["true", "false"], maxcurrent: ["6", "16"], maxcurrentmillis: ["6.02", "15.999"] };

export interface Evcc {
  /** All paths. */
  readonly paths: readonly string[];
  /** Of the one charger; a missing value fails the test. */
  charger(path: string): string;
  has(path: string): boolean;
}

export function evccOf(heading: string): Evcc {
  const values = yamlOf(heading);
  return {
    paths: [...values.keys()],
    charger: (path) => values.get(`chargers.0.${path}`) ?? assert.fail(path),
    has: (path) => values.has(`chargers.0.${path}`),
  };
}

/** What jq makes of JSON by one of the filters on the page: a name, perhaps an index, perhaps another value for null. */
export function jq(filter: string, json: string): unknown {
  const [, name = "", index, other] = /^\.(\w+)(?:\[(\d)\])?(?: \/\/ (.+))?$/.exec(filter) ?? assert.fail(filter);
  const told: Record<string, unknown> = JSON.parse(json);
  assert.ok(Object.hasOwn(told, name), name);
  const list = told[name];
  const value = index === undefined ? list : Array.isArray(list) ? list[Number(index)] : null;
  return value ?? (other === undefined ? null : JSON.parse(other));
}
