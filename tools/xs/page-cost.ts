// What the pages cost on XS: computrons of one, and the memory that is taken while it is made.

import { writeBackup } from "../../src/backup.js";
import { encodeForm, type Fields } from "../../src/portal/form.js";
import { parse } from "../../src/settings.js";
import { atMost, type Figure, shown } from "../figure.js";
import type { XsEngine } from "./engine.js";
import type { Creation } from "./host.js";
import { moduleOf } from "./modules.js";

/** Nothing is collected while it counts. */
const ROOMY: Creation = { chunk: 8 << 20, heap: 500_000, stack: 2_048, keys: 1_000 };
const DEVICE: Creation = { chunk: 65_536, heap: 8_192, stack: 512, keys: 32 };
const STEP = 1_024;
/** What a page may take of the device's chunks, at most 40 % of which are live beside. */
const ROOM = 0.6 * 65_536;
const PAGES = [
  ["the daily page", "/", ""],
  ["what its script asks for", "/", "live=1"],
  ["the largest form", "/home", ""],
] as const;
/** In no time of a lease may a page hold the controller up: 5 s, at a computron in some 200 ns on the chip. */
const LONGEST = 5_000_000;

const form = (fields: Fields): string => encodeForm([["csrf", "k3y0f7h"], ...fields]);

/** Of a site of so many chargers: about the longest body that is taken. */
function backupOf(chargers: number): string {
  const roster = Array.from({ length: chargers }, (_, at) => [`charger-${at}`, [1], 0]);
  const parsed = parse({ id: "other", roster });
  if (!parsed.ok) throw new Error("this is no site");
  return writeBackup(parsed.settings, "charger", "0.1.0", null);
}

/** Adds its module to the host; once. */
export function pageFigures({ host }: XsEngine): readonly Figure[] {
  const probe = moduleOf("tools/xs/page.ts");
  host.add(probe);
  const ask = (machine: number, name: string, args: readonly unknown[] = []) =>
    host.call(machine, 0, probe.path, name, args);

  function cost(name: string, args: readonly unknown[]) {
    const machine = host.open(ROOMY);
    const idle = ask(machine, "nothing", ["", "", "pt"]).computrons;
    const { computrons, value } = ask(machine, name, args);
    host.end(machine);
    return { computrons: computrons - idle, bytes: value };
  }

  /** Bytes of chunks with which a page is made and without which it is not, beside what is live before; in steps of 1 KiB. */
  function smallest(name: string, args: readonly unknown[]): number {
    const lives = (chunk: number): boolean => {
      try {
        const machine = host.open({ ...DEVICE, chunk });
        ask(machine, name, args);
        host.end(machine);
        return true;
      } catch {
        return false;
      }
    };
    let [low, high] = [1, DEVICE.chunk / STEP];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lives(middle * STEP)) high = middle;
      else low = middle;
    }
    return high * STEP;
  }

  const rows = PAGES.map(([words, path, query]) => {
    const { computrons, bytes } = cost("page", [path, query, "pt"]);
    return shown(
      `${words}, ${bytes} bytes`,
      computrons,
      `computrons; made in ${smallest("page", [path, query, "pt"])} bytes of chunks`,
    );
  });
  const sealed = cost("posted", ["/backup", form([["passphrase", "correct horse battery"]])]);
  const machine = host.open(ROOMY);
  const { value } = ask(machine, "assets");
  host.end(machine);
  const [style, script] = Array.isArray(value) ? value : [];
  const paste = ["/restore", form([["backup", backupOf(40)]])];
  const pasted = cost("posted", paste);
  const room = smallest("posted", paste);
  return [
    ...rows,
    atMost("a pasted backup of 40 chargers is looked at", pasted.computrons, LONGEST, "computrons"),
    atMost("  the chunks that this takes", room, ROOM, "bytes"),
    atMost("a backup sealed with a passphrase", sealed.computrons, LONGEST, "computrons"),
    shown("style sheet of the pages", Number(style), "bytes"),
    shown("script of the pages", Number(script), "bytes"),
  ];
}
