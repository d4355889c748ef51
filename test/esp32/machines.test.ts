import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { EVSE_CREATION } from "../../hal/esp32/crossing.js";
import { twinNatives } from "./natives.js";
import { twinAnalog, twinDigital, twinPwm, twinTimers } from "./twins.js";

/** The worker's module with the SDK's modules as the test gives them. */
async function bundled(file: string): Promise<string> {
  const built = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "machine",
    plugins: [
      {
        name: "sdk",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(embedded:|mc\/|timer$|time$)/ }, ({ path }) => ({ path, namespace: "sdk" }));
          onLoad({ filter: /.*/, namespace: "sdk" }, ({ path }) => ({
            contents: `export default sdk[${JSON.stringify(path)}];`,
          }));
        },
      },
    ],
  });
  return built.outputFiles[0]?.text ?? "";
}

const steps = (volts: number): number => Math.round((4_095 * (1.2861 + 0.09063 * volts)) / 2.45);

async function evse() {
  const { config } = JSON.parse(readFileSync("hal/esp32/boards/minimal/manifest.json", "utf8"));
  const timers = twinTimers();
  const pwm = twinPwm();
  const digital = twinDigital();
  const twin = twinNatives();
  /** What the outputs were when the chip's own words were first asked for, and when it was told to restart. */
  const outputs: { readonly contactor: number | undefined; readonly pilot: number | undefined }[] = [];
  const look = (): void => void outputs.push({ contactor: digital.levels.get(26), pilot: pwm.written.at(-1) });
  const natives = {
    ...twin,
    ievcc_restart(why: string): void {
      look();
      twin.ievcc_restart(why);
    },
  };
  const messages: { readonly kind: string }[] = [];
  const self: { postMessage(message: { readonly kind: string }): void; onmessage?(message: unknown): void } = {
    postMessage: (message) => messages.push(message),
  };
  let us = 0;
  let high = 12;
  const ticks = (): number => timers.now() + Math.floor(us / 1_000);
  const Analog = twinAnalog((pin) => {
    us += 50;
    if (pin !== 36) return 1_700;
    const value = pwm.written.at(-1) ?? 0;
    const isHigh = value >= 16_383 || us % 1_000 < (value / 16_384) * 1_000;
    return steps(isHigh ? high : -12);
  });
  const sdk = {
    "embedded:io/analog": Analog,
    "embedded:io/digital": digital.Digital,
    "embedded:io/pwm": pwm.PWM,
    "mc/ffi": function FFI() {
      look();
      return natives;
    },
    "mc/config": config,
    time: {
      get ticks() {
        return ticks();
      },
    },
    timer: timers.Timer,
  };
  runInNewContext(`${await bundled("hal/esp32/evse-worker.ts")}; machine.default();`, { sdk, self });
  return {
    pwm,
    digital,
    natives,
    messages,
    outputs,
    timers,
    tell: (message: unknown) => self.onmessage?.(message),
    now: () => ticks(),
    car: (volts: number) => {
      high = volts;
    },
    contactor: () => digital.levels.get(26),
  };
}

const SETUP = {
  rating: 320,
  cable: 320,
  socket: false,
  failsafe: 0,
  ventilated: false,
  wakeUp: false,
  residualFitted: false,
};
const lease = (until: number) => ({
  permitted: true,
  offer: 160,
  until,
  because: "manual",
  runnerUp: null,
  draw: null,
});

describe("esp32 EVSE machine", () => {
  it("makes its outputs safe before anything else, and takes the watchdog to itself", async () => {
    const { pwm, digital, natives, outputs } = await evse();
    assert.deepEqual(outputs, [{ contactor: 0, pilot: 16_383 }]);
    assert.ok(digital.writes.every(([pin, value]) => pin === 26 && value === 0));
    assert.deepEqual(pwm.written.slice(0, 1), [16_383]);
    assert.ok(pwm.written.every((value) => value === 16_383));
    assert.deepEqual(natives.calls.slice(0, 2), ["leave", "join"]);
  });
  it("charges a car by leases; 30 s after the last message it opens, restarts with the reason, and feeds no more", async () => {
    const { pwm, natives, messages, timers, tell, now, car, contactor } = await evse();
    tell({ kind: "noise" });
    tell({ kind: "setup", setup: SETUP });
    const lent = (ms: number): void => {
      for (let left = ms; left > 0; left -= 1_000) {
        tell({ kind: "lease", lease: lease(now() + 5_000) });
        timers.pass(1_000);
      }
    };
    lent(8_000);
    car(9);
    lent(8_000);
    assert.ok((pwm.written.at(-1) ?? 0) < 16_383);
    car(6);
    lent(3_000);
    assert.equal(contactor(), 1);
    assert.ok(messages.some((message) => message.kind === "status"));
    assert.deepEqual(natives.restarts, []);
    const fed = natives.calls.length;
    timers.pass(1_000);
    assert.ok(natives.calls.length >= fed + 40);
    timers.pass(35_000);
    assert.equal(contactor(), 0);
    assert.deepEqual(natives.restarts, ["controller machine silent"]);
    const last = natives.calls.length;
    timers.pass(1_000);
    assert.equal(natives.calls.length, last);
  });
  it("opens before it restarts when its program breaks while a car charges, and feeds no more", async () => {
    const { natives, outputs, timers, tell, now, car, contactor } = await evse();
    tell({ kind: "setup", setup: SETUP });
    const lent = (ms: number): void => {
      for (let left = ms; left > 0; left -= 1_000) {
        tell({ kind: "lease", lease: lease(now() + 5_000) });
        timers.pass(1_000);
      }
    };
    lent(8_000);
    car(6);
    lent(3_000);
    assert.equal(contactor(), 1);
    const broken = {
      get until(): number {
        throw new Error("broken");
      },
    };
    tell({ kind: "lease", lease: broken });
    timers.pass(100);
    assert.match(natives.restarts.join(), /^bug in the EVSE machine: .*broken$/);
    assert.equal(outputs.at(-1)?.contactor, 0);
    const last = natives.calls.length;
    timers.pass(5_000);
    assert.deepEqual([natives.calls.length, contactor()], [last, 0]);
  });
  it("tells what its board measures when somebody looks", async () => {
    const { messages, timers, tell } = await evse();
    timers.pass(1_000);
    assert.ok(messages.every((message) => message.kind !== "measured"));
    tell({ kind: "look" });
    timers.pass(1_000);
    const told = messages.filter((message) => message.kind === "measured").map((message) => JSON.stringify(message));
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? "",
      /"count":\d{3},"high":\[1[12]\d{3},.*"duty":10000,"contactorClosed":false,"feedback":null/,
    );
  });
  it("has 24 KiB in all, that do not grow, and the higher priority", () => {
    const { chunk, heap, stack, priority } = EVSE_CREATION;
    assert.equal(chunk.initial + 16 * (heap.initial + stack), 24 * 1_024);
    assert.deepEqual([chunk.incremental, heap.incremental], [0, 0]);
    assert.ok(priority > 4);
  });
});
