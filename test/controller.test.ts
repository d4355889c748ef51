import assert from "node:assert/strict";
import fc from "fast-check";
import { chargerModel } from "../src/charger-view.js";
import {
  type Controller,
  type ControllerEffect,
  type ControllerEvent,
  startController,
  stepController,
} from "../src/controller.js";
import type { EvseStatus, Lease } from "../src/lease.js";
import { withCrc } from "../src/modbus.js";
import { encode, readPackets } from "../src/mqtt.js";
import type { Demand, Entry, Report } from "../src/sharing-message.js";
import { decodeText, encodeText } from "../src/text.js";
import { deciamps, millis } from "../src/units.js";
import {
  AVAILABLE,
  blankFlash,
  bootOf,
  entryOf,
  KEY_HEX,
  opened,
  reportOf,
  row,
  CHARGING as STATUS,
  sealed,
  settingsOf,
} from "./site.js";
import { visitor } from "./visitor.js";

/** The arbiter's clock is ahead of the charger's by this. */
const AHEAD = 100_000;
/** The time that the charger itself needs to act comes off each lease. */
const ACTING = 50;
const HOME = {
  id: "charger-1",
  mqttHost: "broker",
  contractedA: 30,
  houseMaxA: 20,
  failsafeA: 8,
  siteKey: KEY_HEX,
};
const TRIP = { member: false, mode: "manual" };
const CARD = "04A1B2C3";
const BLANK = new Uint8Array(4_096).fill(0xff);

const pzemReply = (address: number, current: number, energy: number): Uint8Array => {
  const registers = [2_300, current & 0xffff, current >> 16, 0, 0, energy & 0xffff, energy >> 16, 500, 100, 0];
  return withCrc([address, 4, 20, ...registers.flatMap((one) => [one >> 8, one & 255])]);
};

/** What a PN532 answers to a command: an ACK and a frame. */
function nfcReply(command: number, payload: readonly number[]): Uint8Array {
  const body = [0xd5, command + 1, ...payload];
  const sum = body.reduce((total, byte) => total + byte, 0);
  const frame = [0, 0, 0xff, body.length, -body.length & 0xff, ...body, -sum & 0xff, 0];
  return Uint8Array.from([0, 0, 0xff, 0, 0xff, 0, ...frame]);
}

const uidBytes = (uid: string): readonly number[] =>
  Array.from({ length: uid.length / 2 }, (_, at) => Number.parseInt(uid.slice(2 * at, 2 * at + 2), 16));
const cardPayload = (uid: string | null): readonly number[] =>
  uid === null ? [0] : [1, 1, 0, 4, 8, uid.length / 2, ...uidBytes(uid)];

interface Published {
  readonly at: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** What the site says of one charger: all of its line, and as much of that as there is. */
interface Said extends Partial<Omit<Report, "entries">> {
  readonly entry?: Partial<Entry>;
}

/** A controller on a bench: its PZEMs and its card reader answer 110 ms after they are asked, and a meter far away. */
function bench(patch: object = HOME, flash: readonly Uint8Array[] = blankFlash(), radio = false) {
  const board = { amps: [0] as readonly (number | null)[], Wh: 0, card: null as string | null, reader: true };
  const started = startController({ ...bootOf(settingsOf(patch), 77, flash), radio }, millis(0));
  let state: Controller = started.state;
  let now = 0;
  const log: { readonly at: number; readonly effect: ControllerEffect }[] = [];
  const sent: Published[] = [];
  let due: { readonly at: number; readonly event: ControllerEvent }[] = [];
  const note = (effect: ControllerEffect): void => {
    log.push({ at: now, effect });
    if (effect.kind === "serial") answer(effect.port, effect.bytes);
    if (effect.kind === "read")
      due.push({ at: now + 10, event: { kind: "sector", sector: effect.sector, bytes: BLANK } });
    if (effect.kind !== "send" || (effect.bytes[0] ?? 0) >> 4 !== 3) return;
    const read = readPackets(new Uint8Array(0), effect.bytes);
    for (const packet of read.packets) {
      if (packet.cmd !== "publish") continue;
      sent.push({ at: now, topic: packet.topic, payload: packet.payload, retain: packet.retain });
    }
  };
  const answer = (port: "pzem" | "nfc", bytes: Uint8Array): void => {
    const later = (reply: Uint8Array) => due.push({ at: now + 110, event: { kind: "serial", port, bytes: reply } });
    if (port === "pzem") {
      const address = bytes[0] ?? 0;
      const amps = board.amps[address - 1] ?? null;
      if (amps !== null) later(pzemReply(address, amps, board.Wh));
    } else if (board.reader) {
      const command = bytes[bytes.indexOf(0xd4) + 1] ?? 0;
      later(nfcReply(command, command === 0x4a ? cardPayload(board.card) : []));
    }
  };
  const give = (event: ControllerEvent): void => {
    const step = stepController(state, event, millis(now));
    state = step.state;
    for (const effect of step.effects) note(effect);
  };
  /** Ticks each 10 ms; what is due comes in between. */
  const run = (ms: number): void => {
    for (const end = now + ms; now < end; ) {
      now += 10;
      const ready = due.filter((one) => one.at <= now);
      due = due.filter((one) => one.at > now);
      for (const one of ready) give(one.event);
      give({ kind: "tick" });
    }
  };
  const hears = (bytes: Uint8Array): void =>
    give({ kind: "stream", id: state.device.session?.id ?? 0, event: { what: "bytes", bytes } });
  const online = (): void => {
    give({ kind: "link", up: true });
    give({ kind: "stream", id: state.device.session?.id ?? 0, event: { what: "open" } });
    hears(Uint8Array.of(0x20, 2, 0, 0));
  };
  const demands = (): readonly (Demand & { readonly at: number })[] =>
    sent
      .filter((one) => one.topic === "ievcc/home/demand/charger-1")
      .map(({ at, payload }) => {
        const message = opened(payload);
        assert.ok(message.kind === "demand");
        return { ...message.demand, at };
      });
  const brings = (topic: string, payload: Uint8Array, retain = false): void =>
    hears(encode({ cmd: "publish", topic, payload, qos: 0, retain, dup: false }));
  /** A report about the arbiter's now, with the echo of the newest demand as if it had come in no time. */
  const report = (budget: readonly number[], { entry = {}, ...over }: Said = {}): void => {
    const stamp = now + AHEAD;
    const newest = demands().at(-1);
    const whole = entryOf({
      nonce: newest?.nonce ?? 0,
      number: newest?.number ?? 0,
      heardAt: newest ? millis(newest.at + AHEAD) : null,
      until: millis(stamp + 10_000),
      amps: deciamps(320),
      ranges: budget.map((_, index) => ({ phase: index + 1, from: 0, to: 320 })),
      ...entry,
    });
    const said = reportOf(stamp, [whole], {
      budget: budget.map(deciamps),
      house: budget.map(() => deciamps(50)),
      ...over,
    });
    brings("ievcc/home/report", sealed(state.device.settings, { kind: "report", report: said }));
  };
  const leases = (): readonly (Lease & { readonly at: number })[] =>
    log.flatMap(({ at, effect }) => (effect.kind === "lease" ? [{ ...effect.lease, at }] : []));
  const lease = () => {
    const last = leases().at(-1);
    assert.ok(last, "no lease");
    return last;
  };
  const press = (): void => {
    give({ kind: "button", pressed: true });
    give({ kind: "button", pressed: false });
  };
  const show = (uid: string): void => {
    board.card = uid;
    run(1_000);
    board.card = null;
    run(2_000);
  };
  for (const effect of started.effects) note(effect);
  return {
    model: () => chargerModel({ ...state, now: millis(now) }),
    board,
    give,
    run,
    online,
    report,
    brings,
    demands,
    leases,
    lease,
    press,
    show,
    log,
    sent,
    now: () => now,
    settings: () => state.device.settings,
    said: (words: RegExp) => log.some(({ effect }) => effect.kind === "log" && words.test(effect.text)),
    setups: () => log.flatMap(({ effect }) => (effect.kind === "setup" ? [effect.setup] : [])),
    state: () => state,
    states: () =>
      sent
        .filter((one) => one.topic === "ievcc/home/charger-1/state")
        .map(({ at, retain, payload }) => {
          const text = decodeText(payload, 8_192);
          assert.ok(text.ok);
          return { at, retain, payload: text.text };
        }),
  };
}

/** At home, heard by its meter, and 7 s of reports behind it. */
function atHome(patch: object = {}, budget: readonly number[] = [200], said: Said = {}) {
  const b = bench({ ...HOME, ...patch });
  b.online();
  b.give({ kind: "status", status: AVAILABLE });
  b.run(2_000);
  for (let second = 0; second < 7; second++) {
    b.report(budget, said);
    b.run(1_000);
  }
  b.report(budget, said);
  return b;
}

describe("controller", () => {
  it("gives the EVSE machine its set-up first, with the fail-safe current only on its own site", () => {
    const b = bench({ ...HOME, maxA: 16, cableA: 20 });
    const [setup] = b.setups();
    assert.deepEqual([setup?.rating, setup?.cable, setup?.failsafe], [160, 200, 80]);
    b.give({ kind: "set", patch: { member: false } });
    assert.deepEqual([b.setups().length, b.setups()[1]?.failsafe], [2, 0]);
  });

  it("grants what the site leaves for 5 s at a time, and again each second", () => {
    const b = atHome();
    assert.deepEqual([b.lease().offer, b.lease().because, b.lease().until], [200, "site", b.lease().at + 5_000]);
    const before = b.leases().length;
    b.run(1_000);
    b.report([200]);
    b.run(1_000);
    b.report([200]);
    assert.equal(b.leases().length, before + 2);
  });
  it("ends the lease with the report that allows it, 3 % early for the crystals, when that is sooner than 5 s", () => {
    const b = atHome();
    const heard = b.now();
    const sent = b.demands().at(-1)?.at ?? 0;
    const end = sent + Math.floor(((heard - sent + 10_000) * 100) / 103) - ACTING;
    b.run(10_000);
    for (const { at, because, until } of b.leases().filter((one) => one.at >= heard)) {
      if (because === "failsafe") assert.ok(at >= end);
      else assert.equal(until, Math.min(at + 5_000, end), `lease of ${at}`);
    }
    assert.ok(b.leases().some((one) => one.because === "site" && one.until === end));
  });
  it("falls to failsafeA at the end of the report's lease, and says so", () => {
    const b = atHome();
    const heard = b.now();
    b.run(9_500);
    assert.notEqual(b.lease().because, "failsafe");
    b.run(500);
    assert.deepEqual([b.lease().offer, b.lease().because], [80, "failsafe"]);
    assert.ok(b.lease().at <= heard + 10_000);
  });
  it("offers failsafeA before it has heard anything, and nothing without one", () => {
    for (const failsafeA of [0, 8]) {
      const b = bench({ ...HOME, failsafeA });
      b.run(20);
      assert.deepEqual([b.lease().offer, b.lease().because], [failsafeA * 10, "failsafe"]);
    }
  });
  it("sheds in the step that hears the report", () => {
    const b = atHome();
    b.run(10);
    b.report([93]);
    assert.deepEqual([b.lease().offer, b.lease().at], [93, b.now()]);
  });
  it("offers nothing below 6 A and keeps the reason", () => {
    for (const [budget, offer] of [
      [59, 0],
      [60, 60],
    ] as const) {
      assert.deepEqual([atHome({}, [budget]).lease().offer, atHome({}, [budget]).lease().because], [offer, "site"]);
    }
  });
  it("refuses a message it cannot read, says why, counts it, and grants as before", () => {
    const b = atHome();
    const before = b.lease();
    const forged = sealed(b.settings(), { kind: "report", report: reportOf(1, []) });
    forged[20] = (forged[20] ?? 0) ^ 1;
    for (const payload of [encodeText("nonsense"), new Uint8Array(0), forged, new Uint8Array(4_097)]) {
      b.brings("ievcc/home/report", payload);
    }
    assert.deepEqual([b.lease().offer, b.lease().until], [before.offer, before.until]);
    assert.ok(b.said(/message refused: no message of ours/));
    assert.equal(
      b.state().sharing.channel.refused.reduce((sum, one) => sum + one),
      4,
    );
  });
  it("takes nothing of another site, or of another key", () => {
    const b = atHome();
    const report = reportOf(b.now() + AHEAD + 1, [], { budget: [deciamps(0)] });
    for (const patch of [{ siteId: "away" }, { contractedA: 29 }, { siteKey: KEY_HEX.replaceAll("0", "1") }]) {
      b.brings("ievcc/home/report", sealed(settingsOf(patch, b.settings()), { kind: "report", report }));
    }
    b.run(10);
    assert.equal(b.lease().offer, 200);
  });
  it("forgets what it heard when it moves to another site", () => {
    const b = atHome();
    b.give({ kind: "set", patch: { siteId: "away" } });
    assert.equal(b.lease().because, "failsafe");
  });
  it("says and hears nothing without a key", () => {
    const b = bench({ ...HOME, siteKey: "" });
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    b.run(5_000);
    b.brings("ievcc/home/report", sealed(settingsOf(HOME), { kind: "report", report: reportOf(1, [entryOf()]) }));
    assert.deepEqual([b.demands().length, b.lease().because, b.lease().offer], [0, "failsafe", 80]);
  });
  it("takes a fixed limit where no meter is: contracted - buffer - the most that the house takes", () => {
    const b = bench({ ...HOME, meter: "none", bufferA: 1, failsafeA: 0 });
    b.give({ kind: "status", status: { ...STATUS, offer: deciamps(0) } });
    b.run(20_000);
    assert.deepEqual([b.lease().offer, b.lease().because], [90, "site"]);
  });
  it("takes somebody else's meter, and falls to failsafeA when that is silent", () => {
    const b = bench({ ...HOME, meter: "other", meterTopic: "emon/main", failsafeA: 0 });
    b.online();
    b.give({ kind: "status", status: { ...STATUS, offer: deciamps(0) } });
    const says = (text: string, retain = false) => b.brings("emon/main", encodeText(text), retain);
    for (let second = 0; second < 9; second++) {
      says("12.34");
      b.run(1_000);
    }
    assert.deepEqual([b.lease().offer, b.lease().because], [176, "site"]);
    says("0", true);
    says("nonsense");
    b.run(11_000);
    assert.deepEqual([b.lease().offer, b.lease().because], [0, "failsafe"]);
  });
  it("takes a Shelly 3EM under its one topic, and says on its page what that said last and how long ago", () => {
    const b = bench({ ...HOME, meter: "other", meterPreset: "shelly3em", meterTopic: "shellies/main", failsafeA: 0 });
    b.online();
    b.give({ kind: "status", status: { ...STATUS, offer: deciamps(0) } });
    const says = (figure: string, text: string, retain = false) =>
      b.brings(`shellies/main/emeter/0/${figure}`, encodeText(text), retain);
    assert.equal(b.model().otherMeter, null);
    says("power", "2300.00", true);
    says("current", "10.00");
    assert.equal(b.model().otherMeter, null);
    for (let second = 0; second < 12; second++) {
      says("power", "2300.00");
      says("current", "10.40");
      b.run(1_000);
    }
    assert.deepEqual([b.lease().offer, b.lease().because], [196, "site"]);
    assert.deepEqual(b.model().otherMeter, { currents: [10_400], age: 1_000 });
    for (let second = 0; second < 12; second++) {
      says("power", "2300.00");
      says("current", "unknown");
      b.run(1_000);
    }
    assert.deepEqual([b.lease().offer, b.lease().because, b.model().warnings], [0, "failsafe", []]);
  });
  it("goes on with a meter that speaks each 10 s where the settings say so, and warns where they say another", () => {
    const with10 = (settings: object) => {
      const b = bench({ ...HOME, meter: "other", meterTopic: "m", failsafeA: 0, ...settings });
      b.online();
      b.give({ kind: "status", status: { ...STATUS, offer: deciamps(0) } });
      for (let reading = 0; reading < 6; reading++) {
        b.brings("m", encodeText("10"));
        b.run(10_000);
      }
      return { offers: b.leases().filter(({ at }) => at > 30_000), warnings: b.model().warnings };
    };
    const said = with10({ periodS: 10, reportLeaseS: 25 });
    assert.ok(said.offers.every(({ offer }) => offer === 200));
    assert.deepEqual(said.warnings, []);
    assert.deepEqual(with10({}).warnings, ["The meter speaks each 10 s: the period of its readings is set to 1 s."]);
  });
  it("does not believe a meter at the grid that says the same whatever its own car draws", () => {
    const b = bench({ ...HOME, meter: "other", meterTopic: "m", measures: "grid", failsafeA: 0 });
    b.online();
    b.give({ kind: "status", status: STATUS });
    const until = (seconds: number, grid: string): void => {
      for (let second = 0; second < seconds; second++) {
        b.brings("m", encodeText(grid));
        b.run(1_000);
      }
    };
    until(20, "10");
    assert.ok(b.lease().offer > 0);
    b.board.amps = [9_000];
    until(20, "10");
    assert.deepEqual(
      [b.lease().offer, b.model().warnings],
      [0, ["The meter says the same whatever the cars draw: it is not believed until it moves."]],
    );
    until(20, "19");
    assert.deepEqual([b.lease().because, b.model().warnings], ["site", []]);
    assert.equal(
      b.log.filter(({ effect }) => effect.kind === "log" && effect.text.includes("says the same")).length,
      1,
    );
  });
  it("never grants more than the last report's budget, nor for longer than 5 s, whatever comes when", () => {
    const steps = fc.array(
      fc.record({
        wait: fc.constantFrom(10, 500, 1_000, 4_000, 11_000),
        budget: fc.constantFrom(0, 59, 60, 93, 200),
        heard: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const b = atHome({ failsafeA: 0 }, [93]);
        let budget = 93;
        for (const step of list) {
          b.run(step.wait);
          assert.ok(b.lease().offer <= budget);
          if (!step.heard) continue;
          b.report([step.budget]);
          budget = step.budget;
        }
        for (const one of b.leases()) assert.ok(one.until <= one.at + 5_000 && one.until >= one.at);
      }),
      { numRuns: 12 },
    );
  });
});

describe("controller in manual mode", () => {
  it("needs no network on a trip", () => {
    const b = bench(TRIP);
    b.run(20_000);
    assert.deepEqual([b.lease().offer, b.lease().because], [100, "manual"]);
    assert.deepEqual(b.lease().runnerUp, { name: "site", amps: 320 });
    assert.equal(b.lease().until, b.lease().at + 5_000);
    assert.ok(!b.log.some(({ effect }) => effect.kind === "connect" || effect.kind === "send"));
  });
  it("is never more than the rating on a trip", () => {
    const b = bench({ ...TRIP, manualA: 32, maxA: 16 });
    b.run(10);
    assert.deepEqual([b.lease().offer, b.lease().because], [160, "site"]);
  });
  it("offers nothing on a trip in any other mode", () => {
    for (const mode of ["auto", "solar"]) {
      const b = bench({ ...TRIP, mode });
      b.run(10);
      assert.equal(b.lease().offer, 0, mode);
    }
  });
  it("is an upper bound at home, and the site's limit below it", () => {
    assert.deepEqual(
      [atHome({ mode: "manual" }).lease().offer, atHome({ mode: "manual" }).lease().because],
      [100, "manual"],
    );
    const less = atHome({ mode: "manual" }, [80]);
    assert.deepEqual([less.lease().offer, less.lease().because], [80, "site"]);
  });
  it("is home again when it hears its own site, and says so", () => {
    const b = bench({ ...HOME, ...TRIP });
    b.online();
    b.run(2_000);
    assert.equal(b.demands().length, 0);
    b.report([200]);
    assert.equal(b.settings().member, true);
    assert.ok(b.said(/heard its site/));
    assert.equal(b.lease().because, "failsafe");
  });
});

describe("controller in solar mode", () => {
  const sun = (amps: number) => atHome({ mode: "solar" }, [200], { entry: { amps: deciamps(amps), because: "solar" } });
  it("asks its site for a part of the roof's surplus", () => {
    assert.equal(sun(0).demands().at(-1)?.wants.mode, "solar");
  });
  it("offers what the site gives it of the surplus, and says so", () => {
    assert.deepEqual([sun(90).lease().offer, sun(90).lease().because], [90, "solar"]);
  });
  it("pauses below 6.0 A of surplus, still permitted", () => {
    assert.equal(sun(60).lease().offer, 60);
    const b = sun(0);
    assert.deepEqual([b.lease().offer, b.lease().because, b.lease().permitted], [0, "solar", true]);
  });
});

describe("controller's button", () => {
  it("steps through 6, 8, 10, 13, 16, 20, 25, 32 A and begins again", () => {
    const b = bench(TRIP);
    const seen = Array.from({ length: 9 }, () => {
      b.press();
      return b.settings().manualA;
    });
    assert.deepEqual(seen, [13, 16, 20, 25, 32, 6, 8, 10, 13]);
    assert.equal(b.lease().offer, 130);
  });
  it("counts when it is let go, and only after a press", () => {
    const b = bench(TRIP);
    b.give({ kind: "button", pressed: false });
    b.give({ kind: "button", pressed: true });
    assert.equal(b.settings().manualA, 10);
    b.give({ kind: "button", pressed: false });
    b.give({ kind: "button", pressed: false });
    assert.equal(b.settings().manualA, 13);
  });
  it("is no press when it was held for 5 s: then somebody wants the device's own access point", () => {
    const held = (ms: number) => {
      const b = bench({ ...TRIP, wifiSsid: "Casa", member: true, setUp: true }, blankFlash(), true);
      b.run(100);
      b.give({ kind: "radio", event: { what: "joined", address: "192.168.1.20" } });
      b.run(1_000);
      b.give({ kind: "button", pressed: true });
      b.run(ms);
      b.give({ kind: "button", pressed: false });
      const opened = b.log.some(({ effect }) => effect.kind === "radio" && effect.act.kind === "open");
      return [opened, b.settings().manualA];
    };
    assert.deepEqual(held(4_900), [false, 13]);
    assert.deepEqual(held(5_100), [true, 10]);
  });
  it("keeps to the rating, whatever it is, and to its own currents", () => {
    const amps = fc.constantFrom(6, 6.1, 8, 10, 12.9, 13, 16, 32, 33, 80);
    fc.assert(
      fc.property(amps, amps, fc.integer({ min: 1, max: 9 }), (manualA, maxA, presses) => {
        const b = bench({ ...TRIP, manualA, maxA });
        for (let press = 0; press < presses; press++) b.press();
        const now = b.settings().manualA;
        return now <= maxA && [6, 8, 10, 13, 16, 20, 25, 32].includes(now);
      }),
    );
  });
  it("shows the step as blinks of the lamp in manual mode", () => {
    const b = bench(TRIP);
    b.give({ kind: "status", status: STATUS });
    b.press();
    const shows = b.log.flatMap(({ effect }) => (effect.kind === "lamp" ? [effect.show] : []));
    assert.deepEqual(shows.slice(-2), [
      { lamp: "blue", blinks: 3 },
      { lamp: "blue", blinks: 4 },
    ]);
  });
});

describe("controller's flash", () => {
  it("is erased only while the EVSE machine says that the contactor is open", () => {
    const b = bench(TRIP);
    const presses = (status: EvseStatus | null): boolean => {
      const before = b.log.length;
      if (status !== null) b.give({ kind: "status", status });
      for (let press = 0; press < 30; press++) {
        b.press();
        b.run(20);
      }
      return b.log.slice(before).some(({ effect }) => effect.kind === "erase");
    };
    assert.equal(presses(null), false);
    assert.equal(presses(STATUS), false);
    assert.equal(presses({ ...STATUS, contactorClosed: false }), true);
    assert.equal(presses(STATUS), false);
  });
});

describe("controller's cards", () => {
  const locked = { ...TRIP, freeCharging: false, cards: [CARD, "04FFFFFF"] };
  it("permit nothing until a known card is shown, and nothing again after it is shown once more", () => {
    const b = bench(locked);
    b.run(1_000);
    assert.deepEqual([b.lease().offer, b.lease().because, b.lease().permitted], [0, "person", false]);
    b.show(CARD);
    assert.deepEqual([b.lease().offer, b.lease().because, b.lease().permitted], [100, "manual", true]);
    b.show(CARD);
    assert.deepEqual([b.lease().offer, b.lease().permitted], [0, false]);
    assert.ok(b.said(/card 04A1B2C3: started/) && b.said(/card 04A1B2C3: stopped/));
  });
  it("start nothing when they are unknown, and stop nothing that another started", () => {
    const b = bench(locked);
    b.show("0411223344556677".slice(0, 14));
    assert.equal(b.lease().permitted, false);
    assert.ok(b.said(/card 04112233445566: unknown/));
    b.show(CARD);
    b.show("04FFFFFF");
    b.show("04112233");
    assert.equal(b.lease().permitted, true);
    assert.ok(b.said(/card 04FFFFFF: notYours/));
  });
  it("count once while they are held at the reader", () => {
    const b = bench(locked);
    b.board.card = CARD;
    b.run(20_000);
    assert.equal(b.lease().permitted, true);
    assert.equal(
      b.log.filter(({ effect }) => effect.kind === "log" && /card .*(?:started|stopped)/.test(effect.text)).length,
      1,
    );
  });
  it("end with the plug", () => {
    const b = bench(locked);
    b.show(CARD);
    b.give({ kind: "status", status: STATUS });
    assert.equal(b.lease().permitted, true);
    b.give({ kind: "status", status: AVAILABLE });
    assert.equal(b.lease().permitted, false);
  });
  it("end a session when they are taken off the list", () => {
    const b = bench(locked);
    b.show(CARD);
    b.give({ kind: "set", patch: { cards: [] } });
    assert.equal(b.lease().permitted, false);
  });
  it("change nothing while charging is free", () => {
    const b = bench({ ...TRIP, cards: [CARD] });
    b.show(CARD);
    assert.equal(b.lease().permitted, true);
    assert.ok(b.said(/card 04A1B2C3: noted/));
  });
  it("start nothing while the reader does not answer", () => {
    const b = bench(locked);
    b.board.reader = false;
    b.show(CARD);
    assert.equal(b.lease().permitted, false);
  });
});

describe("controller's own meter", () => {
  it("puts the largest phase into the lease, and nothing once it is 3 s old", () => {
    const b = bench({ ...TRIP, phases: 3, wiring: [1, 2, 3] });
    b.board.amps = [7_000, 9_000, 8_000];
    b.run(3_000);
    assert.equal(b.lease().draw, 9_000);
    b.board.amps = [7_000, null, 8_000];
    b.run(5_000);
    assert.equal(b.lease().draw, null);
  });
  it("counts what the car has had since it was plugged in", () => {
    const b = bench(TRIP);
    const had = () => chargerModel({ ...b.state(), now: millis(b.now()) }).charger.session;
    b.board.Wh = 70_000;
    b.give({ kind: "status", status: AVAILABLE });
    b.run(1_000);
    assert.equal(had(), null);
    const since = b.now();
    b.give({ kind: "status", status: STATUS });
    b.run(1_000);
    b.board.Wh = 70_020;
    b.run(1_000);
    assert.deepEqual([had()?.id, had()?.since, had()?.energyWh], [1, since, 20]);
    b.give({ kind: "status", status: AVAILABLE });
    assert.equal(had(), null);
  });
  it("is told to the site every 2 s, per phase of the site, with its age and a fresh number", () => {
    const b = bench({ ...HOME, phases: 3, wiring: [2] });
    b.board.amps = [16_000];
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    b.run(10_000);
    const demands = b.demands();
    assert.deepEqual([demands[1]?.draws, demands[1]?.nonce, demands[1]?.offer], [[0, 16_000, 0], 77, 0]);
    assert.deepEqual(
      demands.map((one) => one.number),
      demands.map((_, index) => index + 1),
    );
    for (const [index, { at, age }] of demands.entries()) {
      assert.ok(at - (demands[index - 1]?.at ?? at) <= 2_000);
      assert.ok(age < 500, `${age} ms old`);
    }
  });
  it("is told to a meter on the grid's side at once when it moved by 0.3 A, and not for less", () => {
    for (const [more, soon] of [
      [299, false],
      [300, true],
    ] as const) {
      const b = bench({ ...HOME, measures: "grid" });
      b.board.amps = [10_000];
      b.online();
      b.give({ kind: "status", status: AVAILABLE });
      b.run(4_400);
      const before = b.demands().length;
      b.board.amps = [10_000 + more];
      b.run(500);
      assert.equal(b.demands().length > before, soon, `${more} mA`);
    }
  });
  it("is told to a meter on the grid's side after each report, as measured after it came", () => {
    const b = atHome({ measures: "grid" });
    b.run(600);
    const before = b.demands().length;
    b.report([200]);
    const heard = b.now();
    b.run(500);
    const answer = b
      .demands()
      .slice(before)
      .find((one) => one.age === 0);
    assert.ok(answer && answer.at > heard && answer.at <= heard + 370);
  });
  it("is told to a meter of the house no more often than the demand", () => {
    const b = atHome();
    b.run(4_000);
    const before = b.demands().length;
    b.board.amps = [9_000];
    b.run(2_000);
    assert.equal(b.demands().length, before + 1);
  });
  it("is told with the offer, within 0.3 s when that begins or ends", () => {
    const b = bench(HOME);
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    b.run(4_500);
    for (const offer of [160, 0]) {
      b.give({ kind: "status", status: { ...STATUS, offer: deciamps(offer) } });
      b.run(310);
      assert.equal(b.demands().at(-1)?.offer, offer);
    }
  });
  it("is told to nobody on a trip, where it leads itself, offline, or before the EVSE machine was heard", () => {
    const trip = bench({ ...HOME, member: false });
    const alone = bench({ ...HOME, meter: "none" });
    const offline = bench(HOME);
    const deaf = bench(HOME);
    for (const b of [trip, alone, deaf]) b.online();
    for (const b of [trip, alone, offline]) b.give({ kind: "status", status: AVAILABLE });
    for (const b of [trip, alone, offline, deaf]) b.run(10_000);
    assert.deepEqual(
      [trip, alone, offline, deaf].map((b) => b.demands().length),
      [0, 0, 0, 0],
    );
  });
});

describe("controller in a site of several", () => {
  const roster = [row("charger-1"), row("charger-2")];
  const JOINT = { id: "charger-1", mqttHost: "broker", siteKey: KEY_HEX, roster, houseMaxA: 10 };
  it("takes the site's newer configuration, keeps it, and says so", () => {
    const b = bench(JOINT);
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    const newer = settingsOf({ contractedA: 25, siteVersion: 7 }, settingsOf(JOINT));
    const json = JSON.stringify({ contractedA: 25, siteVersion: 7 });
    b.brings("ievcc/home/site", sealed(newer, { kind: "config", json }));
    assert.deepEqual([b.settings().contractedA, b.settings().siteVersion], [25, 7]);
    assert.ok(b.said(/took the site's configuration/));
    assert.ok(b.log.some(({ effect }) => effect.kind === "write"));
  });
  it("refuses a configuration that it cannot go by, whole", () => {
    const b = bench(JOINT);
    b.online();
    const newer = settingsOf({ contractedA: 25, siteVersion: 7 }, settingsOf(JOINT));
    b.brings(
      "ievcc/home/site",
      sealed(newer, { kind: "config", json: '{"contractedA":25,"phases":2,"siteVersion":7}' }),
    );
    assert.equal(b.settings().contractedA, 30);
    assert.ok(b.said(/settings refused: phases/));
  });
  it("writes its promise to flash before it says it", () => {
    const b = bench({ ...JOINT, meter: "none" });
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    b.run(100);
    const call = { term: 3, boot: 4, arbiter: 1, sentAt: millis(0) };
    const before = b.log.length;
    b.run(3_000);
    b.brings("ievcc/home/site", sealed(b.settings(), { kind: "call", call: { ...call, term: 9 } }));
    const after = b.log.slice(before);
    const kept = after.findIndex(({ effect }) => effect.kind === "write" && effect.sector >= 4);
    assert.ok(kept >= 0);
    const promised = b.sent.filter(({ topic }) => topic === "ievcc/home/demand/charger-2/charger-1");
    const message = opened(promised.at(-1)?.payload ?? new Uint8Array(0));
    assert.ok(message.kind === "demand");
    assert.deepEqual([message.demand.term, message.demand.boot, message.demand.arbiter], [9, 4, 1]);
  });
  it("promises nothing without room in flash, and says so", () => {
    const b = bench({ ...JOINT, meter: "none" }, blankFlash().slice(0, 4));
    b.online();
    b.give({ kind: "status", status: AVAILABLE });
    b.run(1_700);
    b.brings(
      "ievcc/home/site",
      sealed(b.settings(), { kind: "call", call: { term: 9, boot: 4, arbiter: 1, sentAt: millis(0) } }),
    );
    b.run(100);
    assert.ok(b.said(/no room in flash for a promise/));
    assert.ok(!b.sent.some(({ topic }) => topic.startsWith("ievcc/home/demand/charger-2")));
  });
  it("sends by datagrams where no broker is, the demands to where the reports come from", () => {
    const b = bench({ ...JOINT, mqttHost: "" });
    b.give({ kind: "status", status: AVAILABLE });
    b.run(10);
    const datagrams = () => b.log.flatMap(({ effect }) => (effect.kind === "datagram" ? [effect] : []));
    const [first] = datagrams();
    const message = opened(first?.bytes ?? new Uint8Array(0));
    assert.ok(first?.to === null && message.kind === "demand");
    const { nonce, number } = message.demand;
    const entry = entryOf({ nonce, number, heardAt: millis(AHEAD), until: millis(AHEAD + 10_000) });
    const bytes = sealed(b.settings(), { kind: "report", report: reportOf(AHEAD, [entry, entryOf()]) });
    b.give({ kind: "datagram", from: "10.0.0.9", bytes });
    b.run(2_100);
    assert.equal(datagrams().at(-1)?.to, "10.0.0.9");
  });
  it("says at both that two devices go by its id, and offers nothing", () => {
    const b = atHome({}, [200], { entry: { twins: true } });
    assert.ok(b.said(/two devices go by the id charger-1/));
    assert.deepEqual([b.lease().offer, b.lease().because], [0, "fault"]);
  });
});

describe("controller's words", () => {
  it("tell the retained state: offer, the limit that won, the runner-up, since when", () => {
    const b = atHome();
    b.give({ kind: "status", status: { ...STATUS, since: millis(b.now() - 1_500) } });
    const last = b.states().at(-1);
    assert.ok(last?.retain);
    const { state, mode, offerA, because, runnerUp, runnerUpA, sinceS, report, contactorClosed } = JSON.parse(
      last.payload,
    );
    assert.deepEqual([state, mode, offerA, because], ["charging", "auto", 16, "site"]);
    assert.deepEqual([runnerUp, runnerUpA, sinceS, report, contactorClosed], ["rating", 32, 1, "fresh", true]);
  });
  it("tell it at once when the reason changes, and every 10 s otherwise", () => {
    const b = bench({ ...HOME, siteKey: "", failsafeA: 0 });
    b.online();
    b.give({ kind: "status", status: STATUS });
    b.run(25_000);
    const gaps = b.states().map(({ at }, index, all) => at - (all[index - 1]?.at ?? at));
    assert.deepEqual(gaps.slice(-2), [10_000, 10_000]);
    b.give({ kind: "status", status: { ...STATUS, because: "temperature" } });
    assert.equal(JSON.parse(b.states().at(-1)?.payload ?? "").because, "temperature");
    assert.equal(b.states().at(-1)?.at, b.now());
  });
  it("say fault, no current and no age while the EVSE machine has not been heard", () => {
    const b = bench(HOME);
    b.online();
    b.run(10);
    const { state, offerA, because, sinceS } = JSON.parse(b.states().at(-1)?.payload ?? "");
    assert.deepEqual([state, offerA, because, sinceS], ["faulted", 0, "fault", null]);
  });
  it("show the reason on the status page", () => {
    const b = atHome({ portalPassword: "sol-e-chuva", setUp: true });
    b.give({ kind: "status", status: { ...STATUS, since: millis(b.now() - 12_000) } });
    const { logIn, get } = visitor({
      give: (connection, event) => b.give({ kind: "page", connection, event }),
      sent: () => b.log.flatMap(({ effect }) => (effect.kind === "pageSend" ? [effect.bytes] : [])).at(-1),
    });
    logIn("sol-e-chuva");
    assert.match(get("/"), /ecause of what the house leaves free, for 12 s\. Next limit: the rating/);
  });
});

describe("controller under any events", () => {
  it("never throws, and never grants without permission", () => {
    const event: fc.Arbitrary<ControllerEvent> = fc.oneof(
      fc.constant({ kind: "tick" } as const),
      fc.boolean().map((pressed) => ({ kind: "button", pressed }) as const),
      fc.boolean().map((up) => ({ kind: "link", up }) as const),
      fc
        .record({ port: fc.constantFrom("pzem", "nfc"), bytes: fc.uint8Array({ maxLength: 30 }) })
        .map((one) => ({ kind: "serial", ...one }) as const),
      fc
        .constantFrom("available", "charging", "faulted")
        .map((mode) => ({ kind: "status", status: { ...STATUS, mode } }) as ControllerEvent),
      fc
        .constantFrom<unknown>({ mode: "solar" }, { mode: "manual" }, { member: true }, { freeCharging: true }, null, 3)
        .map((patch) => ({ kind: "set", patch }) as const),
      fc
        .record({ id: fc.constantFrom(0, 1, 2), bytes: fc.uint8Array({ maxLength: 30 }), open: fc.boolean() })
        .map(({ id, bytes, open }) => {
          const what = open ? ({ what: "open" } as const) : ({ what: "bytes", bytes } as const);
          return { kind: "stream", id, event: what } as const;
        }),
      fc
        .record({ connection: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 30 }), open: fc.boolean() })
        .map(({ connection, bytes, open }) => {
          const what = open ? ({ what: "open" } as const) : ({ what: "bytes", bytes } as const);
          return { kind: "page", connection, event: what } as const;
        }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.constantFrom(10, 300, 5_000)), { maxLength: 40 }), (list) => {
        const b = bench({ ...HOME, ...TRIP, freeCharging: false });
        for (const [one, wait] of list) {
          b.give(one);
          b.run(Math.min(wait, 300));
        }
        for (const one of b.leases()) assert.ok(one.permitted || one.offer === 0);
      }),
      { numRuns: 60 },
    );
  });
});
