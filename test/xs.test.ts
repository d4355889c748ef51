import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { TimelineRecord } from "../hal/sim/plant/site.js";
import { simulate } from "../hal/sim/simulation.js";
import { compiler } from "../tools/machine.js";
import { buildHost, showProgress } from "../tools/xs/build.js";
import { CREATIONS, freezing, startXs } from "../tools/xs/engine.js";
import { type Creation, MachineDied, MachineThrew, startHost, type XsHost } from "../tools/xs/host.js";
import { moduleOf, ROOT } from "../tools/xs/modules.js";
import { timelineOf } from "../tools/xs/same.js";
import { sourceLines } from "../tools/xs/source-lines.js";
import { LEFT_OUT, unitTestFiles } from "../tools/xs/unit-tests.js";

/** Longer ones are compared by the bench. */
const LONGEST_S = 1_000;

/** Of the sites with many chargers so many; `tools/xs/check.ts scenarios FILES` compares any. */
const SHARED = ["arbiter-dies-of-three"].map((name) => `scenarios/sharing-${name}.json`);

const scenarios = readdirSync(`${ROOT}/scenarios`)
  .filter((name) => name.endsWith(".json") && !name.endsWith(".schema.json"))
  .map((name) => `scenarios/${name}`)
  .filter((file) => !/sharing|published/.test(file) || SHARED.includes(file))
  .filter((file) => JSON.parse(readFileSync(`${ROOT}/${file}`, "utf8")).durationS <= LONGEST_S);

/** A check as a process of its own, so that both cores work; `outcomeOf` waits for one file's line. */
function startCheck(...args: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "./tools/typescript.mjs", "tools/xs/check.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const outcomes = new Map<string, readonly string[]>();
  const waiting = new Map<string, (failed: readonly string[]) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { file, failed } = JSON.parse(line);
    outcomes.set(file, failed);
    waiting.get(file)?.(failed);
  });
  const ended = new Promise<readonly string[]>((resolve) =>
    child.once("close", (code) => resolve([`the check ended with ${code} before this file`])),
  );
  return {
    outcomeOf: (file: string): Promise<readonly string[]> =>
      Promise.race([
        outcomes.get(file) ?? new Promise<readonly string[]>((resolve) => waiting.set(file, resolve)),
        ended.then((why) => outcomes.get(file) ?? why),
      ]),
  };
}

const hasCompiler = compiler() !== null;
if (hasCompiler) await buildHost({ lines: true, onProgress: showProgress });

if (hasCompiler)
  describe("on the XS engine, in the frozen machine", () => {
    const units = startCheck("units");
    const timelines = startCheck("scenarios", ...scenarios);

    for (const file of unitTestFiles())
      it(`the tests of ${file} pass as they are`, async () => {
        assert.deepEqual(await units.outcomeOf(file), []);
      }).timeout(170_000);

    for (const file of scenarios)
      it(`${file} gives the same timeline as on V8, byte for byte, in 75 % of the RAM`, async () => {
        assert.deepEqual(await timelines.outcomeOf(file), []);
      }).timeout(170_000);

    it("gives the same timeline twice", async () => {
      const text = readFileSync(`${ROOT}/scenarios/residual-trip.json`, "utf8");
      const xs = await startXs({ lines: true });
      assert.ok(xs !== null);
      assert.deepEqual(timelineOf(text, xs), timelineOf(text, xs));
      xs.close();
    });

    it("restarts a device whose machine runs out of memory, and says why", async () => {
      const text = readFileSync(`${ROOT}/scenarios/residual-trip.json`, "utf8");
      const notes: string[] = [];
      for (const heap of [820, 200]) {
        const xs = await startXs({ lines: true, creations: { meter: { ...CREATIONS.meter, heap } } });
        assert.ok(xs !== null);
        const onRecord = (record: TimelineRecord): void => void (record.kind === "note" && notes.push(record.text));
        assert.ok(simulate(text, { engine: xs, onRecord }).ok);
        xs.close();
      }
      assert.ok(notes.some((text) => /^restart: bug in the meter: memory full: \d+ of \d+ slots/.test(text)));
      assert.ok(notes.some((text) => /^restart: it does not start: memory full/.test(text)));
    });

    it("leaves out of the unit tests only what is still there to be left out", () => {
      const texts = unitTestFiles().map((file) => readFileSync(`${ROOT}/${file}`, "utf8"));
      const titles = texts.flatMap((text) =>
        [...text.matchAll(/\bit\("((?:[^"\\]|\\.)*)"/g)].map(([, title = ""]) => title),
      );
      for (const title of Object.keys(LEFT_OUT)) {
        assert.ok(
          titles.some((one) => one !== "" && title.endsWith(one)),
          title,
        );
      }
    });
  });

if (hasCompiler)
  describe("a driver of the chip on XS:", () => {
    it("announces the device on the local network, and answers, within the stack of the device", async () => {
      const xs = await startXs({ lines: true });
      assert.ok(xs !== null);
      const drivers = ["serial", "datagrams", "dns-packet", "dnssd-search", "dnssd"];
      const probe = moduleOf("tools/xs/discovery.ts");
      for (const name of drivers) xs.host.add(moduleOf(`hal/esp32/${name}.ts`));
      xs.host.add(probe);
      // These modules are not preloaded here: what they take of the RAM counts on no chip. The stack does.
      const machine = xs.host.open({ ...CREATIONS.controller, chunk: 1 << 20, heap: 50_000, keys: 400 });
      for (const name of ["announced", "answered"]) {
        const { value } = xs.host.call(machine, 0, probe.path, name, []);
        assert.ok(Number(value) > 300, `${name}: ${value} bytes`);
      }
      const { stackPeak } = xs.host.memory(machine);
      assert.ok(stackPeak < 400, `${stackPeak} slots`);
      xs.close();
    });
  });

/** Small programs with one fault each, in a machine of the controller's kind: what a person reads about it. */
if (hasCompiler)
  describe("a fault that V8 forgives is told in words on XS:", () => {
    const RAM: Creation = { chunk: 16_384, heap: 2_048, stack: 384, keys: 32 };
    const planted = moduleOf("test/planted.ts");
    let host: XsHost | null = null;
    before(async () => {
      const built = await buildHost({ lines: true });
      assert.ok(built !== null);
      host = startHost(built.path);
      host.preload([freezing(), planted]);
    });
    after(() => host?.close());

    /** What happens when the planted function of test/planted.ts is called, once or again and again. */
    function told(fault: string, times = 1): Error {
      assert.ok(host !== null);
      const machine = host.open(RAM);
      try {
        for (let turn = 0; turn < times; turn++) host.call(machine, turn, planted.path, fault, [turn]);
      } catch (error) {
        assert.ok(error instanceof Error);
        error.message = sourceLines([planted])(error.message);
        return error;
      }
      return assert.fail(`${fault} was not noticed`);
    }

    const BUGS: readonly (readonly [title: string, fault: string, words: RegExp])[] = [
      ["assigning to a frozen prototype", "patchesPrototype", /toString: not (?:writable|extensible).*/],
      ["adding to a built-in", "extendsBuiltIn", /Array|not extensible/],
      ["shadowing an inherited name of a frozen prototype", "shadowsName", /toString: not writable/],
      ["a method of ES2023", "callsNewMethod", /toSorted|no function/],
      ["a global of browsers", "usesTimeout", /setTimeout: undefined variable/],
      ["Node's Buffer", "usesBuffer", /Buffer: undefined variable/],
      ["JSON of a list that lies in flash", "writesFlash", /read only value/],
      ["an exception in a callback", "throwsInCallback", /the callback threw/],
    ];
    for (const [title, fault, words] of BUGS)
      it(`${title}: the error says what and where`, () => {
        const error = told(fault);
        assert.ok(error instanceof MachineThrew, String(error));
        assert.match(error.message, words);
        assert.match(error.message, /test\/planted\.ts:\d+/);
      });

    const DEATHS: readonly (readonly [title: string, fault: string, times: number, words: RegExp])[] = [
      ["a list without a bound", "growsList", 10_000, /memory full: .*slots.*chunks/],
      ["a leak of keys", "leaksKeys", 1_000, /no more keys: .* 32 of 32 keys/],
      ["a promise that nobody awaits", "losesPromise", 1, /unhandled rejection: Error: nobody waits for me/],
      ["a stack too deep", "recurses", 1, /stack overflow/],
      ["a turn that never ends", "spins", 1, /turn too long/],
      ["a buffer larger than the RAM", "allocates", 1, /memory full/],
    ];
    for (const [title, fault, times, words] of DEATHS)
      it(`${title}: the machine is lost, as the device would restart, and says why`, () => {
        const error = told(fault, times);
        assert.ok(error instanceof MachineDied, String(error));
        assert.match(error.message, words);
      });

    it("goes on with other machines after one is lost", () => {
      assert.ok(host !== null);
      told("recurses");
      const machine = host.open(RAM);
      assert.equal(host.call(machine, 0, planted.path, "works", [20]).value, 21);
    });
  });
