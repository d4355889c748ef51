import assert from "node:assert/strict";
import { proximityOf, slowInputsOf, temperatureOf } from "../../hal/esp32/board.js";
import { contactorOf } from "../../hal/esp32/contactor.js";
import { buttonOf, lampOf, litAt } from "../../hal/esp32/panel.js";
import { residualOf } from "../../hal/esp32/residual.js";
import { clockOf, shellOf } from "../../hal/esp32/shell.js";
import { cableRatingOf } from "../../src/pilot.js";
import { millis } from "../../src/units.js";
import { twinAnalog, twinDigital, twinTimers } from "./twins.js";

describe("esp32 contactor", () => {
  it("is open from its start, before anything else is written", () => {
    const { Digital, writes, levels } = twinDigital();
    levels.set(26, 1);
    contactorOf(Digital, { contactor: 26, feedback: 27 });
    assert.deepEqual(writes, [
      [26, 0],
      [26, 0],
    ]);
  });
  it("follows what it is told, and says where the auxiliary contact is", () => {
    const { Digital, levels } = twinDigital();
    const port = contactorOf(Digital, { contactor: 26, feedback: 27 });
    assert.equal(port.closed(), false);
    port.set(true);
    assert.equal(levels.get(26), 1);
    levels.set(27, 0);
    assert.equal(port.closed(), true);
    port.set(false);
    assert.equal(levels.get(26), 0);
  });
  it("opens after a restart while it was closed, whatever its contacts say meanwhile", () => {
    const { Digital, levels } = twinDigital();
    contactorOf(Digital, { contactor: 26, feedback: 27 }).set(true);
    levels.set(27, 0);
    const again = contactorOf(Digital, { contactor: 26, feedback: 27 });
    assert.deepEqual([levels.get(26), again.closed()], [0, true]);
    levels.set(27, 1);
    assert.equal(again.closed(), false);
  });
  it("takes a feedback wire that is torn off for open contacts, and its contacts for what they are when it is back", () => {
    const { Digital, levels } = twinDigital();
    const port = contactorOf(Digital, { contactor: 26, feedback: 27 });
    port.set(true);
    const seen = [1, 0, 1, 0].map((level) => {
      levels.set(27, level);
      return port.closed();
    });
    assert.deepEqual([seen, levels.get(26)], [[false, true, false, true], 1]);
  });
  it("knows nothing without feedback", () => {
    assert.equal(contactorOf(twinDigital().Digital, { contactor: 26, feedback: null }).closed(), null);
  });
});

describe("esp32 residual-current device", () => {
  function device() {
    const { Digital, levels, deliver } = twinDigital();
    const timers = twinTimers();
    const told: boolean[] = [];
    const answers: boolean[] = [];
    levels.set(32, 0);
    const port = residualOf(
      { Digital, Timer: timers.Timer },
      { trip: 32, test: 33 },
      (tripped) => told.push(tripped),
      (ok) => answers.push(ok),
    );
    return { port, levels, deliver, timers, told, answers };
  }
  it("tells a trip at its edge, and at the next look when the edge was lost", () => {
    const { port, levels, deliver, told } = device();
    levels.set(32, 1);
    deliver(32);
    levels.set(32, 0);
    assert.equal(port.tripped(), false);
    assert.deepEqual(told, [true, false]);
  });
  it("passes a test when the device trips while asked, and lets go after", () => {
    const { port, levels, timers, answers } = device();
    port.test();
    assert.equal(levels.get(33), 1);
    levels.set(32, 1);
    timers.pass(300);
    levels.set(32, 0);
    timers.pass(300);
    assert.deepEqual([answers, levels.get(33)], [[true], 0]);
  });
  it("fails one that stays silent, and one that never lets go; the next test is a new one", () => {
    const { port, levels, timers, answers } = device();
    port.test();
    port.test();
    timers.pass(1_000);
    levels.set(32, 1);
    port.test();
    timers.pass(1_000);
    levels.set(32, 0);
    port.test();
    levels.set(32, 1);
    timers.pass(301);
    levels.set(32, 0);
    timers.pass(300);
    assert.deepEqual(answers, [false, false, true]);
  });
});

describe("esp32 residual-current device in trouble", () => {
  it("tells each change of a wire that flaps, and stands at what it is in the end", () => {
    const { Digital, levels, deliver } = twinDigital();
    const told: boolean[] = [];
    levels.set(32, 0);
    const port = residualOf(
      { Digital, Timer: twinTimers().Timer },
      { trip: 32, test: 33 },
      (tripped) => told.push(tripped),
      () => assert.fail(),
    );
    for (const level of [1, 0, 1, 1, 0]) {
      levels.set(32, level);
      deliver(32);
    }
    assert.deepEqual([told, port.tripped()], [[true, false, true, false], false]);
  });
  it("lets go of the test after a restart in its middle, tells the trip that is there, and tests again", () => {
    const { Digital, levels } = twinDigital();
    const old = twinTimers();
    const pins = { trip: 32, test: 33 };
    levels.set(32, 0);
    residualOf(
      { Digital, Timer: old.Timer },
      pins,
      () => assert.fail(),
      () => assert.fail(),
    ).test();
    levels.set(32, 1);
    const timers = twinTimers();
    const told: boolean[] = [];
    const answers: boolean[] = [];
    const port = residualOf(
      { Digital, Timer: timers.Timer },
      pins,
      (tripped) => told.push(tripped),
      (ok) => answers.push(ok),
    );
    assert.equal(levels.get(33), 0);
    port.tripped();
    levels.set(32, 0);
    port.tripped();
    port.test();
    levels.set(32, 1);
    timers.pass(300);
    levels.set(32, 0);
    timers.pass(300);
    assert.deepEqual([told.slice(0, 2), answers], [[true, false], [true]]);
  });
  it("fails a test whose answer comes too late, and passes the next", () => {
    const { Digital, levels } = twinDigital();
    const timers = twinTimers();
    const answers: boolean[] = [];
    levels.set(32, 0);
    const port = residualOf(
      { Digital, Timer: timers.Timer },
      { trip: 32, test: 33 },
      () => undefined,
      (ok) => answers.push(ok),
    );
    const answered = (afterMs: number): void => {
      port.test();
      timers.pass(afterMs);
      levels.set(32, 1);
      timers.pass(Math.max(0, 300 - afterMs));
      levels.set(32, 0);
      timers.pass(600);
    };
    answered(400);
    answered(50);
    assert.deepEqual(answers, [false, true]);
  });
});

describe("esp32 slow inputs", () => {
  /** The converter's steps for a voltage. */
  const steps = (volts: number): number => Math.min(4_095, Math.round((volts / 2.45) * 4_095));
  const ntc = (celsius: number): number => 10_000 * Math.exp(3_950 * (1 / (celsius + 273.15) - 1 / 298.15));
  it("reads the temperature within 1 C from -5 to 90 C", () => {
    for (let celsius = -5; celsius <= 90; celsius += 5) {
      const read = temperatureOf(steps((3.3 * ntc(celsius)) / (22_000 + ntc(celsius))));
      assert.ok(Math.abs(read / 10 - celsius) <= 1, `${celsius}: ${read}`);
    }
  });
  it("takes a sensor that is torn off, shorted or silent for too hot", () => {
    for (const read of [4_095, 0, undefined]) assert.equal(temperatureOf(read), 1_500);
  });
  it("reads each of the cable's codes, and an open line as none", () => {
    const at = (ohms: number) => {
      const loaded = (ohms * 200_000) / (ohms + 200_000);
      return cableRatingOf(proximityOf(steps((3.3 * loaded) / (330 + loaded) / 2)));
    };
    assert.deepEqual([1_500, 680, 220, 100].map(at), [130, 200, 320, 630]);
    assert.equal(proximityOf(steps((3.3 * 200_000) / 200_330 / 2)), null);
    assert.equal(proximityOf(undefined), null);
  });
  it("read right again after silence, noise and a torn wire, and after a restart", () => {
    let read: number | undefined = 1_000;
    const Analog = twinAnalog(() => read);
    const inputs = slowInputsOf(Analog, { temperature: 34, proximity: 35 });
    const good = [inputs.temperature(), inputs.proximity()];
    for (const trouble of [undefined, 4_095, 0]) {
      read = trouble;
      assert.equal(inputs.temperature(), 1_500);
      assert.equal(cableRatingOf(inputs.proximity()), null);
    }
    read = 1_000;
    const again = slowInputsOf(Analog, { temperature: 34, proximity: 35 });
    assert.deepEqual([inputs.temperature(), inputs.proximity()], good);
    assert.deepEqual([again.temperature(), again.proximity()], good);
  });
  it("asks no pin that the board does not have", () => {
    const Analog = twinAnalog((pin) => (pin === 34 ? 1_000 : assert.fail(String(pin))));
    const inputs = slowInputsOf(Analog, { temperature: 34, proximity: null });
    assert.equal(inputs.proximity(), null);
    assert.ok(inputs.temperature() > 0);
  });
});

describe("esp32 lamp and button", () => {
  it("lights one colour, blinks, and counts the amps in a row", () => {
    assert.deepEqual([litAt("off", 0, 0), litAt("green", 0, 99), litAt("red", 0, 1)], [null, "green", "red"]);
    assert.deepEqual(
      [0, 500, 1_000].map((at) => litAt("blinking-blue", 0, at)),
      ["blue", null, "blue"],
    );
    let dark = 0;
    for (let at = 0; at < 250 * 6 + 1_500; at += 250) if (litAt("blue", 3, at) === null) dark++;
    assert.equal(dark, 3);
  });
  it("writes all three pins, and none on a board without", () => {
    const { Digital, levels } = twinDigital();
    const lamp = lampOf(Digital, { red: 1, green: 2, blue: 3 });
    lamp.show("blue", 0);
    lamp.refresh(0);
    assert.deepEqual([levels.get(1), levels.get(2), levels.get(3)], [0, 0, 1]);
    lampOf(Digital, null).refresh(0);
  });
  it("tells a press once though the contact bounces, and its end though the edge is lost", () => {
    const { Digital, levels, deliver } = twinDigital();
    const timers = twinTimers();
    const told: boolean[] = [];
    const button = buttonOf({ Digital, now: timers.now }, 4, (pressed) => told.push(pressed));
    for (const level of [0, 1, 0, 1, 0]) {
      levels.set(4, level);
      deliver(4);
      timers.pass(2);
    }
    timers.pass(100);
    button.look();
    levels.set(4, 1);
    timers.pass(100);
    button.look();
    assert.deepEqual(told, [true, false]);
  });
});

describe("esp32 button in trouble", () => {
  it("is told as pressed at the first look of a start in the middle of a press, and its end once", () => {
    const { Digital, levels } = twinDigital();
    const timers = twinTimers();
    const told: boolean[] = [];
    levels.set(4, 0);
    const button = buttonOf({ Digital, now: timers.now }, 4, (pressed) => told.push(pressed));
    button.look();
    levels.set(4, 1);
    timers.pass(100);
    button.look();
    button.look();
    assert.deepEqual(told, [true, false]);
  });
  it("is no press while its wire flaps faster than a finger, each 30 ms at the most", () => {
    const { Digital, levels, deliver } = twinDigital();
    const timers = twinTimers();
    const told: boolean[] = [];
    const button = buttonOf({ Digital, now: timers.now }, 4, (pressed) => told.push(pressed));
    timers.pass(1_000);
    for (let at = 0; at < 100; at++) {
      levels.set(4, at % 2);
      deliver(4);
      timers.pass(1);
    }
    levels.set(4, 1);
    timers.pass(100);
    button.look();
    assert.ok(told.length <= 6 && told.at(-1) === false, String(told.length));
  });
});

describe("esp32 shell and clock", () => {
  it("unrolls the clock's 32 bits, and never falls", () => {
    const start = 2 ** 31 - 10;
    let ticks = start;
    const now = clockOf(() => ticks | 0);
    ticks += 20;
    assert.equal(now(), start + 20);
    ticks += 2 ** 31 - 1;
    assert.equal(now(), start + 20 + 2 ** 31 - 1);
    ticks -= 5;
    assert.equal(now(), start + 20 + 2 ** 31 - 1);
  });
  it("counts from the chip's start, so that two machines that start one after the other agree", () => {
    let ticks = 300;
    const evse = clockOf(() => ticks);
    ticks = 4_300;
    const controller = clockOf(() => ticks);
    ticks = 9_000;
    assert.deepEqual([evse(), controller()], [9_000, 9_000]);
  });
  it("takes events in turns of their own, bounded, in their order", () => {
    const { Timer, pass } = twinTimers();
    const seen: number[] = [];
    const shell = shellOf<number, number, number>(
      { Timer, now: () => millis(0) },
      {
        start: () => ({ state: 0, effects: [100] }),
        step: (state, event) => ({ state: state + event, effects: [state + event] }),
        act: (effect) => seen.push(effect),
        onBug: assert.fail,
      },
    );
    for (let at = 0; at < 200; at++) shell.post(1);
    assert.deepEqual(seen, [100]);
    pass(0);
    assert.deepEqual([seen.length, seen.at(-1)], [129, 128]);
    shell.post(1);
    pass(0);
    assert.equal(seen.at(-1), 129);
  });
  it("tells a bug once, and does nothing any more", () => {
    const { Timer, pass } = twinTimers();
    const bugs: string[] = [];
    const shell = shellOf<number, number, number>(
      { Timer, now: () => millis(0) },
      {
        start: () => ({ state: 0, effects: [] }),
        step: () => assert.fail("broken"),
        act: () => undefined,
        onBug: (why) => bugs.push(why),
      },
    );
    shell.post(1);
    shell.post(2);
    pass(0);
    shell.post(3);
    pass(0);
    assert.deepEqual(bugs, ["broken"]);
  });
});
