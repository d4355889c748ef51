// The firmware on XS: three programs as machines of one host, in the memory that the device gives them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Brain, Opener } from "../../hal/sim/brain.js";
import type { Engine } from "../../hal/sim/programs.js";
import { buildHost, type HostBuild, showProgress } from "./build.js";
import { type Called, type Creation, type Memory, startHost, type XsHost } from "./host.js";
import { firmware, type Module, ROOT } from "./modules.js";
import { sourceLines } from "./source-lines.js";

export type ProgramName = "evse" | "controller" | "meter";

/** The device's RAM for each program; hal/esp32 says the same in its manifests. 24 KiB in all for the EVSE machine. */
export const CREATIONS: Readonly<Record<ProgramName, Creation>> = Object.freeze({
  evse: { chunk: 4_096, heap: 1_024, stack: 256, keys: 32 },
  controller: { chunk: 65_536, heap: 4_096, stack: 512, keys: 32 },
  meter: { chunk: 65_536, heap: 4_096, stack: 512, keys: 32 },
});

export interface XsEngine extends Engine {
  readonly host: XsHost;
  /** Of the machine that opened last under this name, after a collection. Throws before the first. */
  memory(program: ProgramName): Memory;
}

export interface XsOptions {
  readonly lines: boolean;
  /** Of this machine, for a process that does little else. */
  readonly core?: number;
  readonly creations?: Partial<Record<ProgramName, Creation>>;
  /** Told of each turn: what it cost. */
  readonly onTurn?: (program: ProgramName, event: unknown, called: Called, atMs: number) => void;
}

const INSIDE = "hal/sim/inside.js";

/** Freezing first: a module that changes a built-in fails where it does so. */
export const freezing = (): Module => ({
  path: "freeze",
  code: readFileSync(join(ROOT, "tools", "xs", "freeze.js"), "utf8"),
  map: null,
});

/** Null without a C compiler. */
export async function startXs(options: XsOptions): Promise<XsEngine | null> {
  const built = await buildHost({ lines: options.lines, onProgress: showProgress });
  return built === null ? null : xsEngine(built, options);
}

function xsEngine({ path, bits }: HostBuild, { creations, onTurn, core }: XsOptions): XsEngine {
  const modules = firmware();
  const host = startHost(path, core === undefined ? {} : { core });
  host.preload([freezing(), ...modules]);
  const readable = sourceLines(modules);
  const last = new Map<ProgramName, number>();

  /** Room for 64-bit slots where there are no others: arrays hold them in chunks. */
  function sized(creation: Creation): Creation {
    return bits === 32 ? creation : { ...creation, chunk: creation.chunk * 2 };
  }

  function opener<Boot, Event, Effect, Words>(program: ProgramName): Opener<Boot, Event, Effect, Words> {
    return (boot, now) => {
      const machine = host.open(sized(creations?.[program] ?? CREATIONS[program]));
      last.set(program, machine);
      let words: unknown = null;
      function turn(name: "start" | "post", event: unknown, at: number): readonly Effect[] {
        const args = name === "start" ? [program, event, at] : [event, at];
        try {
          const called = host.call(machine, at, INSIDE, name, args);
          onTurn?.(program, event, called, at);
          // What a machine answers is what inside.ts returns: the twin of the types here.
          const [effects, said] = called.value as readonly [readonly Effect[], Words | null];
          words = said ?? words;
          return effects;
        } catch (error) {
          // The machine's own stack, in TypeScript's lines; that of the pipe says nothing.
          if (error instanceof Error) error.stack = error.message = readable(error.message);
          throw error;
        }
      }
      const effects = turn("start", boot, now);
      const brain: Brain<Event, Effect, Words> = {
        effects,
        post: (event, at) => turn("post", event, at),
        words: () => words as Words,
        end: () => host.end(machine),
      };
      return brain;
    };
  }

  return {
    name: bits === 32 ? "xs32" : "xs64",
    host,
    evse: opener("evse"),
    controller: opener("controller"),
    meter: opener("meter"),
    close: host.close,
    memory(program) {
      const machine = last.get(program);
      if (machine === undefined) throw new RangeError(`no ${program} has been opened`);
      return host.memory(machine);
    },
  };
}
