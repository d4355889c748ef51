// Breaks each safety line in turn, in a copy of the project, and runs the tests that speak of it. A mutant that no test
// kills is a rule that nobody guards; one whose line is not found any more is a failure as well.

import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTANTS, type Mutant } from "./mutants.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COPIED = ["src", "hal", "test", "tools", "scenarios", "docs", "package.json", "tsconfig.json"] as const;

type Outcome = "killed" | "survived" | "does not apply";

function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "ievcc-mutate-"));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function testsPass(folder: string, tests: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, ["--import", "./tools/typescript.mjs", "tools/test.ts", "--bail", ...tests], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, CI: "" },
    timeout: 120_000,
  });
  return new Promise((resolve) => child.once("close", (code) => resolve(code === 0)));
}

async function outcomeOf(folder: string, mutant: Mutant): Promise<Outcome> {
  const path = join(folder, mutant.file);
  const source = readFileSync(path, "utf8");
  if (source.split(mutant.line).length !== 2) return "does not apply";
  writeFileSync(
    path,
    source.replace(mutant.line, () => mutant.broken),
  );
  const survived = await testsPass(folder, mutant.tests);
  writeFileSync(path, source);
  return survived ? "survived" : "killed";
}

/** As many as the machine has cores, two at the most, each in a copy of its own. */
const COPIES = Math.min(2, availableParallelism());

const folders = Array.from({ length: COPIES }, copyOfProject);
const tests = [...new Set(MUTANTS.flatMap((mutant) => mutant.tests))];
const [first = ""] = folders;
if (!(await testsPass(first, tests))) {
  console.error("the tests fail without any mutant: run npm test");
  process.exit(1);
}
const waiting = [...MUTANTS];
let killed = 0;
await Promise.all(
  folders.map(async (folder) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const outcome = await outcomeOf(folder, mutant);
      if (outcome === "killed") killed++;
      console.log(`${outcome}: ${mutant.rule} (${mutant.file})`);
    }
    rmSync(folder, { recursive: true });
  }),
);
console.log(`${killed} of ${MUTANTS.length} killed`);
process.exit(killed === MUTANTS.length ? 0 : 1);
