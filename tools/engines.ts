// The engines by the names of the command line.

import { type Engine, v8 } from "../hal/sim/programs.js";
import { startXs } from "./xs/engine.js";

/** "v8" or "xs"; the reason when it cannot be had. `core`: nothing else is done meanwhile, so both processes may stay there. */
export async function engineNamed(name: string, core?: number): Promise<Engine | string> {
  if (name === "v8") return v8;
  if (name !== "xs") return `--engine: ${name} is neither v8 nor xs`;
  return (
    (await startXs({ lines: true, ...(core === undefined ? {} : { core }) })) ??
    "--engine: xs needs a C compiler (cc, gcc or clang), and none was found"
  );
}

/** What was asked for; XS where it can be had when nothing was. */
export async function chosenEngine(name: string | undefined): Promise<Engine | string> {
  if (name !== undefined) return engineNamed(name);
  return (await startXs({ lines: true })) ?? v8;
}
