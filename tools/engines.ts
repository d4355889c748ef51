// The engines by the names of the command line.

import { type Engine, v8 } from "../hal/sim/programs.js";
import { startXs } from "./xs/engine.js";

/** "v8" or "xs"; the reason when it cannot be had. `onOneCore`: nothing else is done meanwhile. */
export async function engineNamed(name: string, onOneCore: boolean): Promise<Engine | string> {
  if (name === "v8") return v8;
  if (name !== "xs") return `--engine: ${name} is neither v8 nor xs`;
  return (
    (await startXs({ lines: true, onOneCore })) ??
    "--engine: xs needs a C compiler (cc, gcc or clang), and none was found"
  );
}

/** What was asked for; XS where it can be had when nothing was. */
export async function chosenEngine(name: string | undefined): Promise<Engine | string> {
  if (name !== undefined) return engineNamed(name, false);
  return (await startXs({ lines: true, onOneCore: false })) ?? v8;
}
