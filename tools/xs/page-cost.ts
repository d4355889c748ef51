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
/** Of Ethernet, without the heads of IP and TCP. */
const PACKET = 1_436;
/** What a page may take of the device's chunks, at most 40 % of which are live beside. */
const ROOM = 0.6 * 65_536;
const PAGES = [
  ["the daily page", "/", ""],
  ["what its script asks for", "/", "live=1"],
  ["the largest form", "/home", ""],
  ["25 of 100 people, and a card of nobody", "/people", ""],
  ["the choice of a statement for 100 people", "/sessions", ""],
  ["a schedule of 14 windows and 7 departures", "/schedule", ""],
  ["rules of a tariff as text", "/tariff", "kind=own"],
] as const;
/** In no time of a lease may a page hold the controller up: 5 s, at a computron in some 200 ns on the chip. */
const LONGEST = 5_000_000;

const form = (fields: Fields): string => `&${encodeForm(fields)}`;

/** What is judged deepest of all forms: rules within a plan within a tariff within the settings. */
const OWN_TARIFF: Fields = [
  ["go", "tariff"],
  ["kind", "own"],
  ["period-1", "night"],
  ["price-1", "0,1"],
  ["currency", "EUR"],
  ["other", "1"],
  ["rules", "22:00-08:00 12345 winter 11-2 night"],
];

/** Of a site of so many chargers and cards. */
function backupOf(chargers: number, known: number): string {
  const roster = Array.from({ length: chargers }, (_, at) => [`charger-${at}`, [1, 2, 3], 0]);
  const cards = Array.from({ length: known }, (_, at) => `04A1B2C3D4E5F60718${at + 10}`);
  const parsed = parse({ id: "other", phases: 3, wiring: [1, 2, 3], roster, cards });
  if (!parsed.ok) throw new Error("this is no site");
  return writeBackup(parsed.settings, "charger", "0.1.0", null);
}

/** Adds its module to the host; once. */
export function pageFigures({ host }: XsEngine): readonly Figure[] {
  const probe = moduleOf("tools/xs/page.ts");
  host.add(probe);
  const ask = (machine: number, name: string, args: readonly unknown[] = []) =>
    host.call(machine, 0, probe.path, name, args);

  /** A form that somebody posts, packet by packet; what the device's radio brings at once. */
  function post(machine: number, path: string, body: string) {
    const begun = ask(machine, "posting", [path, body.length]);
    let computrons = begun.computrons;
    let bytes: unknown = 0;
    for (let at = 0; at < body.length; at += PACKET) {
      const called = ask(machine, "packet", [body.slice(at, at + PACKET)]);
      computrons += called.computrons;
      bytes = called.value;
    }
    if (bytes === 0) throw new Error(`${path} was not answered`);
    return { computrons, bytes };
  }

  function inMachine<Result>(creation: Creation, act: (machine: number) => Result): Result {
    const machine = host.open(creation);
    const result = act(machine);
    host.end(machine);
    return result;
  }

  const cost = (path: string, query: string) =>
    inMachine(ROOMY, (machine) => {
      ask(machine, "assets");
      const idle = ask(machine, "nothing", ["", "", "pt"]).computrons;
      const { computrons, value } = ask(machine, "page", [path, query, "pt"]);
      return { computrons: computrons - idle, bytes: value };
    });

  const posted = (path: string, body: string) =>
    inMachine(ROOMY, (machine) => {
      ask(machine, "assets");
      return { ...post(machine, path, body), stack: host.memory(machine).stackPeak };
    });

  /** Bytes of chunks with which it is done and without which it is not; in steps of 1 KiB. */
  function smallest(act: (machine: number) => void): number {
    const lives = (chunk: number): boolean => {
      try {
        inMachine({ ...DEVICE, chunk }, act);
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

  /** Beside what is there before. */
  const before = smallest((machine) => void ask(machine, "assets"));
  const takes = (act: (machine: number) => void): number => smallest(act) - before;

  const rows = PAGES.map(([words, path, query]) => {
    const { computrons, bytes } = cost(path, query);
    return shown(
      `${words}, ${bytes} bytes`,
      computrons,
      `computrons; made in ${takes((machine) => void ask(machine, "page", [path, query, "pt"]))} bytes of chunks`,
    );
  });
  const sealed = posted("/backup", form([["passphrase", "correct horse battery"]]));
  const own = posted("/tariff", form(OWN_TARIFF));
  const assets = inMachine(ROOMY, (machine) => ask(machine, "assets").value);
  const [style, script] = Array.isArray(assets) ? assets : [];
  // A browser ends lines with two letters.
  const paste = form([["backup", backupOf(64, 32).replaceAll("\n", "\r\n")]]);
  const pasted = posted("/restore", paste);
  const room = takes((machine) => void post(machine, "/restore", paste));
  return [
    ...rows,
    atMost(
      `a pasted backup of 64 chargers and 32 cards, ${paste.length} bytes, is looked at`,
      pasted.computrons,
      LONGEST,
      "computrons",
    ),
    atMost("  the chunks that this takes", room, ROOM, "bytes"),
    atMost("a backup sealed with a passphrase", sealed.computrons, LONGEST, "computrons"),
    atMost("a tariff of one's own is judged", own.computrons, LONGEST, "computrons"),
    shown("  the stack that this takes, and that of the pasted backup", own.stack, `and ${pasted.stack} slots`),
    shown("style sheet of the pages", Number(style), "bytes"),
    shown("script of the pages", Number(script), "bytes"),
  ];
}
