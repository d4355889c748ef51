// What a message of a site costs on XS: sealed once by its sender, opened once by each that hears it.

import { type Figure, shown } from "../figure.js";
import type { XsEngine } from "./engine.js";
import type { Creation } from "./host.js";
import { moduleOf } from "./modules.js";

const MEMBERS = 64;
/** Nothing is collected while it counts, so that all that was taken shows. */
const ROOMY: Creation = { chunk: 8 << 20, heap: 500_000, stack: 2_048, keys: 1_000 };
const TIMES = 20;
const SLOT = 16;

/** Adds its module to the host; once. */
export function proofFigures({ host }: XsEngine): readonly Figure[] {
  const probe = moduleOf("tools/xs/proof.ts");
  host.add(probe);
  const ask = (machine: number, name: string, args: readonly unknown[] = []) =>
    host.call(machine, 0, probe.path, name, args);

  function cost(members: number, name: string) {
    const machine = host.open(ROOMY);
    ask(machine, "prepare", [members]);
    if (ask(machine, name).value === 0) throw new Error(`${name}: refused`);
    const idle = ask(machine, "nothing").computrons;
    const before = host.memory(machine);
    let computrons = 0;
    for (let count = 0; count < TIMES; count++) computrons += ask(machine, name).computrons - idle;
    const after = host.memory(machine);
    host.end(machine);
    const each = (value: number): number => Math.round(value / TIMES);
    return {
      computrons: each(computrons),
      slots: each((after.slotsPeak - before.slots) * SLOT),
      chunks: each(after.chunksPeak - before.chunks),
    };
  }

  return [0, MEMBERS].flatMap((members) => {
    const machine = host.open(ROOMY);
    const length = ask(machine, "prepare", [members]).value;
    host.end(machine);
    const what = `${members === 0 ? "a demand" : `a report of ${members}`}, ${length} bytes`;
    return (["seal", "open", "prove"] as const).map((name) => {
      const { computrons, slots, chunks } = cost(members, name);
      const words = name === "prove" ? "  of each its proof" : `${name} ${what}`;
      return shown(words, computrons, `computrons; ${slots} bytes of slots and ${chunks} of chunks taken`);
    });
  });
}
