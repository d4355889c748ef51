// Long checks as processes of their own, one after the other, beside the other tests: so both cores work.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", "./tools/typescript.mjs", ...args],
      { cwd: ROOT, maxBuffer: 1 << 24 },
      (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), lines: stdout.trim().split("\n") });
      },
    );
  });
}

/** `npm run model`: all worlds within the test's bounds, then each rule switched off. */
export const model = run("tools/model.ts");
/** Five cars with room for three, for two hours. */
export const turns = model.then(() => run("tools/sim.ts", "scenarios/sharing-five-take-turns.json"));
/** Random faults: what fits in a minute. */
export const soak = turns.then(() => run("tools/soak.ts", "--runs", "20", "--seed", "1"));
