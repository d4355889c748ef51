import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerPage,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  type Outcome,
  publish,
  startDevice,
  stepDevice,
} from "../src/device.js";
import { commonModel } from "../src/device-view.js";
import { FLASH_MAP, SECTOR_SIZE, SECTORS } from "../src/flash-map.js";
import { encode } from "../src/mqtt.js";
import { encodeForm, type Fields } from "../src/portal/form.js";
import { opened } from "../src/portal/logins.js";
import type { PortalModel } from "../src/portal/model.js";
import { DEFAULTS, type Settings } from "../src/settings.js";
import { encodeRecord } from "../src/settings-record.js";
import { decodeText, encodeText } from "../src/text.js";
import { tlsOptions } from "../src/trust.js";
import { millis, unixSeconds } from "../src/units.js";
import { IDLE } from "./portal/model.js";
import { blankFlash as blank, bootOf, settingsOf as settings } from "./site.js";

const SECTOR = 4_096;

/** With passwords of its own: it has none to make. */
const FACTORY = settings({ portalPassword: "sol-e-chuva", setUp: true });

/** A device on a bench, with a flash that keeps what is written over a reboot. */
function bench(flash: Uint8Array[] = blank(), initial: Settings = FACTORY, radio = false) {
  let entropy = 1;
  let now = 0;
  let log: DeviceEffect[] = [];
  const note = (effects: readonly DeviceEffect[]): void => {
    for (const effect of effects) {
      log.push(effect);
      const sector = effect.kind === "erase" || effect.kind === "write" ? flash[effect.sector] : undefined;
      if (effect.kind === "erase") sector?.fill(0xff);
      if (effect.kind !== "write") continue;
      for (const [at, byte] of effect.bytes.entries()) {
        if (sector) sector[effect.offset + at] = (sector[effect.offset + at] ?? 0) & byte;
      }
    }
  };
  const boot = () => {
    log = [];
    const sectors = flash.map((one) => one.slice());
    const booted = { ...bootOf(initial, entropy, sectors), kind: "charger", secret: [1, entropy++], radio } as const;
    const started = startDevice(booted, millis(now));
    note(started.effects);
    // Somebody has logged in.
    const { logins, visit } = opened(started.device.logins, millis(now));
    return { device: { ...started.device, logins }, boots: started.boots, visit };
  };
  let { device, boots, visit } = boot();
  const model = (): PortalModel => ({ ...commonModel(device, millis(now)), ...IDLE });
  const messages: Outcome[] = [];
  const give = (event: DeviceEvent, mayErase = true): void => {
    const step = stepDevice(device, event, mayErase, millis(now));
    const paged = answerPage(step.device, model(), mayErase, millis(now));
    device = paged.device;
    messages.push(...step.outcomes, ...paged.outcomes);
    note([...step.effects, ...paged.effects]);
  };
  /** What a browser gets for a request. */
  const browse = (request: string, mayErase = true): string => {
    give({ kind: "page", connection: 1, event: { what: "open" } });
    give({ kind: "page", connection: 1, event: { what: "bytes", bytes: encodeText(request) } }, mayErase);
    const answers = log.flatMap((effect) => (effect.kind === "pageSend" ? [effect.bytes] : []));
    const text = decodeText(answers.at(-1) ?? new Uint8Array(0), 20_000);
    assert.ok(text.ok);
    return text.text;
  };
  const cookie = (): string => `Cookie: ${device.logins.cookie}=${visit.token}`;
  const get = (path: string): string => browse(`GET ${path} HTTP/1.1\r\nHost: 10.0.0.1\r\n${cookie()}\r\n\r\n`);
  const post = (path: string, fields: Fields, { csrf = visit.csrf, mayErase = true } = {}): string => {
    const body = encodeForm([["csrf", csrf], ...fields]);
    const head = `Host: 10.0.0.1\r\n${cookie()}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}`;
    return browse(`POST ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`, mayErase);
  };
  const stream = (event: Extract<DeviceEvent, { kind: "stream" }>["event"]): void =>
    give({ kind: "stream", id: device.session?.id ?? 0, event });
  return {
    flash,
    give,
    get,
    post,
    stream,
    messages,
    device: (): Device => device,
    csrf: () => visit.csrf,
    boots: () => boots,
    log: () => log,
    kinds: () => log.map((one) => one.kind),
    said: (words: RegExp) => log.some((one) => one.kind === "log" && words.test(one.text)),
    wait: (ms: number) => {
      now += ms;
      give({ kind: "tick" });
    },
    reboot: () => {
      ({ device, boots, visit } = boot());
    },
    online: () => {
      give({ kind: "link", up: true });
      stream({ what: "open" });
      stream({ what: "bytes", bytes: Uint8Array.of(0x20, 2, 0, 0) });
    },
    publish: (payload: string) => {
      const sent = publish(device, { topic: "t", payload, retain: false, qos: 0 }, millis(now));
      device = sent.device;
      return sent.effects;
    },
  };
}

describe("device", () => {
  it("boots from empty flash with what it is made for, and warns of nothing", () => {
    const b = bench(blank(), settings({ portalPassword: "sol-e-chuva", id: "new", maxA: 16 }));
    assert.deepEqual([b.device().settings.id, b.device().settings.maxA], ["new", 16]);
    assert.deepEqual(b.device().warnings, []);
    assert.equal(b.device().session, null);
    assert.ok(b.get("/status.json").includes('"warnings":[]'));
  });
  it("tells why it started, and keeps a long reason short", () => {
    const words = `bug in the controller machine: ${"x".repeat(300)}`;
    const booted = { ...bootOf(DEFAULTS, 1), kind: "charger" } as const;
    const started = startDevice({ ...booted, restarted: words }, millis(0));
    const { restarted } = started.device;
    assert.equal(restarted, words.slice(0, 96));
    assert.deepEqual(started.effects[0], { kind: "log", text: `restarted: ${restarted}` });
    assert.match(bench().get("/device"), /<dt>Last restart<\/dt><dd>power</);
  });
  it("asks for what the board measures when somebody looks, once a second at most, and shows the memory it is told", () => {
    const b = bench();
    const looks = () => b.kinds().filter((kind) => kind === "look").length;
    b.get("/diagnostics");
    b.get("/diagnostics");
    assert.equal(looks(), 1);
    assert.doesNotMatch(b.get("/diagnostics"), /Free memory/);
    b.give({ kind: "memory", free: 65_536 });
    b.wait(1_000);
    assert.match(b.get("/diagnostics"), /<dt>Free memory<\/dt><dd>64 KiB</);
    assert.equal(looks(), 2);
  });
  it("counts its boots", () => {
    const b = bench();
    const counts = [b.boots()];
    for (let boot = 0; boot < 5; boot++) {
      b.reboot();
      counts.push(b.boots());
    }
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6]);
  });

  it("changes settings by a form, keeps them over a reboot, and refuses the form of an earlier boot", () => {
    const b = bench();
    const before = b.csrf();
    assert.match(
      b.post("/mode", [
        ["mode", "manual"],
        ["manualA", "16"],
      ]),
      /^HTTP\/1\.1 303 /,
    );
    assert.deepEqual([b.device().settings.mode, b.device().settings.manualA], ["manual", 16]);
    b.reboot();
    assert.deepEqual([b.device().settings.mode, b.device().settings.manualA], ["manual", 16]);
    assert.match(b.post("/mode", [["mode", "solar"]], { csrf: before }), /^HTTP\/1\.1 403 /);
    assert.equal(b.device().settings.mode, "manual");
  });
  it("writes nothing to flash when a form is refused", () => {
    const b = bench();
    const writes = () => b.log().filter((one) => one.kind === "write").length;
    const before = writes();
    assert.match(b.post("/mode", [["manualA", "5.9"]]), /^HTTP\/1\.1 422 /);
    b.give({ kind: "set", patch: { manualA: 5.9 } });
    assert.ok(b.said(/settings refused: manualA: must be from 6 to 80 A/));
    assert.equal(writes(), before);
  });
  it("keeps every change over a reboot, however many there were", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(6, 8, 10, 80), { minLength: 1, maxLength: 40 }), (list) => {
        const b = bench();
        for (const manualA of list) {
          b.give({ kind: "set", patch: { manualA } });
          b.wait(20);
        }
        b.reboot();
        return b.device().settings.manualA === list.at(-1);
      }),
      { numRuns: 30 },
    );
  });
  it("erases no flash while a contactor may be closed, and writes the change once it may be", () => {
    const b = bench();
    const erases = () => b.kinds().filter((one) => one === "erase").length;
    const atBoot = erases();
    for (let press = 0; press < 30; press++) {
      b.give({ kind: "set", patch: { manualA: 6 + press } }, false);
      b.give({ kind: "tick" }, false);
    }
    assert.equal(b.device().unsaved, true);
    assert.equal(b.device().settings.manualA, 35);
    assert.equal(erases(), atBoot);
    b.give({ kind: "tick" }, true);
    assert.equal(b.device().unsaved, false);
    b.reboot();
    assert.equal(b.device().settings.manualA, 35);
  });

  it("takes the last good settings when the newest are damaged, and says so in the log and on the status page", () => {
    const b = bench();
    b.give({ kind: "set", patch: { manualA: 8 } });
    const end = b.device().store.free[0] ?? 0;
    b.give({ kind: "set", patch: { manualA: 20 } });
    const sector = b.flash[0];
    assert.ok(sector);
    sector[end + 20] = 0;
    b.reboot();
    assert.equal(b.device().settings.manualA, 8);
    assert.ok(b.said(/damaged/));
    assert.match(b.get("/"), /newest settings in flash were damaged; the last good ones are in use/);
    b.give({ kind: "set", patch: { manualA: 13 } });
    b.reboot();
    assert.deepEqual([b.device().settings.manualA, b.device().warnings], [13, []]);
  });
  it("takes the last settings that fit when newer software wrote newer ones, and says so", () => {
    const b = bench();
    b.give({ kind: "set", patch: { manualA: 8 } });
    const { free, sequence } = b.device().store;
    b.flash[0]?.set(encodeRecord(settings({ manualA: 20 }), sequence + 1, 2) ?? [], free[0]);
    b.reboot();
    assert.equal(b.device().settings.manualA, 8);
    assert.ok(b.said(/newer software/));
    assert.match(b.get("/"), /written by a newer software; the last ones that fit are in use/);
    assert.ok(b.get("/status.json").includes("newer software"));
  });
  it("writes nothing for a change that changes nothing", () => {
    const b = bench(blank(), settings({ portalPassword: "sol-e-chuva", manualA: 7 }));
    b.give({ kind: "set", patch: { manualA: 7, cards: [] } });
    b.wait(20);
    b.reboot();
    assert.equal(b.device().store.sequence, 0);
  });
  it("keeps the tokens of its visits apart from the noise that others may see", () => {
    const token = (entropy: number, secret: readonly number[]): string => {
      const { device } = startDevice({ ...bootOf(DEFAULTS, entropy), kind: "charger", secret }, millis(0));
      return opened(device.logins, millis(0)).visit.token;
    };
    assert.equal(token(1, [5, 6]), token(2, [5, 6]));
    assert.notEqual(token(1, [5, 6]), token(1, [5, 7]));
  });
  it("boots with what it is made for when all of flash is damaged or newer, warns, and can be set again", () => {
    const rotten = blank();
    for (const [at] of rotten.entries()) rotten[at]?.fill(0x5a);
    const newer = blank();
    newer[1]?.set(encodeRecord(settings({ manualA: 20 }), 5, 9) ?? []);
    for (const flash of [rotten, newer]) {
      const b = bench(flash, settings({ manualA: 7 }));
      assert.equal(b.device().settings.manualA, 7);
      assert.match(
        b.device().warnings.join(),
        /^All settings in flash .* those that the device was made with are in use/,
      );
      b.give({ kind: "set", patch: { manualA: 9 } });
      b.wait(20);
      b.reboot();
      assert.deepEqual([b.device().settings.manualA, b.device().warnings], [9, []]);
    }
  });
  it("boots and saves whatever its flash holds", () => {
    const record = encodeRecord(settings({ manualA: 20 }), 3) ?? new Uint8Array(0);
    const content = fc.constantFrom(new Uint8Array(0), new Uint8Array(SECTOR).fill(0), record, record.slice(0, 100));
    const noise = fc.oneof(content, fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(noise, { minLength: 6, maxLength: 6 }), (contents) => {
        const flash = blank();
        for (const [at, bytes] of contents.entries()) flash[at]?.set(bytes);
        const b = bench(flash);
        b.give({ kind: "tick" });
        b.give({ kind: "set", patch: { manualA: 11 } });
        b.give({ kind: "tick" });
        b.reboot();
        return b.device().settings.manualA === 11;
      }),
    );
  });
});

describe("device on its broker", () => {
  const connected = () => {
    const b = bench(blank(), settings({ portalPassword: "sol-e-chuva", mqttHost: "broker" }));
    b.online();
    return b;
  };
  it("connects when its link is up, and is online with a retained word of it", () => {
    const b = connected();
    assert.deepEqual(
      b.log().filter((one) => one.kind === "connect"),
      [{ kind: "connect", id: 1, host: "broker", port: 1_883, tls: null }],
    );
    assert.equal(b.device().online, true);
    const packet = encode({
      cmd: "publish",
      topic: "ievcc/home/ievcc/availability",
      payload: "online",
      qos: 1,
      retain: true,
      dup: false,
      messageId: 2,
    });
    const sends = b.log().flatMap((one) => (one.kind === "send" ? [one.bytes.join()] : []));
    assert.ok(sends.includes(packet.join()));
  });
  it("hands on messages as bytes, and whether they lay at the broker, and drops those of more than 8 KiB", () => {
    const b = connected();
    const payloads = [Uint8Array.of(0xff, 0xfe), new Uint8Array(0), new Uint8Array(4_608), new Uint8Array(4_609)];
    for (const [index, payload] of payloads.entries()) {
      const bytes = encode({ cmd: "publish", topic: "a", payload, qos: 0, retain: index === 1, dup: false });
      b.stream({ what: "bytes", bytes });
    }
    assert.deepEqual(
      b.messages.map((one) => one.kind === "message" && [one.topic, one.payload.length, one.retained]),
      [
        ["a", 2, false],
        ["a", 0, true],
        ["a", 4_608, false],
      ],
    );
    const [first] = b.messages;
    assert.deepEqual([...(first?.kind === "message" ? first.payload : [])], [0xff, 0xfe]);
  });
  it("listens to its own report, site and demands, and to somebody else's meter where the site has one", () => {
    const topicsOf = (patch: object): string => {
      const b = bench(blank(), settings({ portalPassword: "sol-e-chuva", mqttHost: "broker", ...patch }));
      b.online();
      const sends = b.log().flatMap((one) => (one.kind === "send" ? [String.fromCharCode(...one.bytes)] : []));
      return sends.join();
    };
    const ours = topicsOf({});
    assert.ok(ours.includes("ievcc/home/report") && ours.includes("ievcc/home/site"));
    assert.ok(!ours.includes("ievcc/home/demand"));
    const others = topicsOf({ meter: "other", meterTopic: "emon/main" });
    assert.ok(others.includes("ievcc/home/demand/ievcc/+") && others.includes("emon/main"));
    const shelly = topicsOf({ meter: "other", meterPreset: "shelly3em", meterTopic: "shellies/main" });
    assert.ok(shelly.includes("shellies/main/emeter/0/power") && shelly.includes("shellies/main/emeter/0/current"));
  });
  it("has a session of its own beside another device of its id, so that both are heard and told", () => {
    const names = [1, 2].map((entropy) => {
      const boot = bootOf(settings({ mqttHost: "broker" }), entropy);
      const { device } = startDevice({ ...boot, kind: "charger" }, millis(0));
      return device.session?.config.clientId;
    });
    assert.notEqual(names[0], names[1]);
  });
  it("says goodbye and connects anew when its broker, name or site changes, and stays for any other setting", () => {
    const b = connected();
    b.give({ kind: "set", patch: { manualA: 8 } });
    assert.equal(b.device().online, true);
    b.give({ kind: "set", patch: { mqttHost: "other" } });
    assert.equal(b.device().online, false);
    assert.deepEqual(
      b
        .log()
        .filter((one) => one.kind === "close" || one.kind === "connect")
        .slice(-2),
      [
        { kind: "close", id: 1 },
        { kind: "connect", id: 2, host: "other", port: 1_883, tls: null },
      ],
    );
    b.stream({ what: "open" });
    b.give({ kind: "stream", id: 1, event: { what: "closed" } });
    b.stream({ what: "bytes", bytes: Uint8Array.of(0x20, 2, 0, 0) });
    assert.equal(b.device().online, true);
    b.give({ kind: "set", patch: { mqttHost: "" } });
    assert.deepEqual([b.device().session, b.device().online], [null, false]);
  });
  it("asks for a private stream to the broker of its settings, with the time and what is kept for it, and waits 25 s", () => {
    const b = connected();
    b.give({ kind: "clock", unix: unixSeconds(1_800_000_000) });
    b.give({ kind: "set", patch: { mqttTls: true, mqttPort: 8_883, mqttCa: "1-01ab23cd" } });
    const wishes = () => b.log().flatMap((one) => (one.kind === "connect" && one.id > 1 ? [one.tls] : []));
    const tls = { serverName: "broker", unix: 1_800_000_000, mqttCa: "1-01ab23cd", mqttOwn: "" };
    assert.deepEqual(wishes(), [tls]);
    b.wait(24_000);
    assert.deepEqual([wishes().length, b.device().session?.trouble], [1, null]);
    b.wait(2_000);
    assert.deepEqual([b.device().session?.trouble], ["late"]);
  });
  it("keeps certificates in flash and goes by them at once, never while an erase would stop the chip", () => {
    const flash = Array.from({ length: SECTORS }, () => new Uint8Array(SECTOR_SIZE).fill(0xff));
    const b = bench(flash, settings({ portalPassword: "sol-e-chuva", mqttHost: "broker" }));
    const text = `-----BEGIN CERTIFICATE-----\nMIIB${"A".repeat(343)}=\n-----END CERTIFICATE-----`;
    const stored = [
      ["go", "mqttCa"],
      ["ca", text],
    ] as const;
    b.post("/certificates", stored, { mayErase: false });
    assert.equal(b.device().settings.mqttCa, "");
    b.post("/certificates", stored);
    const { mqttCa } = b.device().settings;
    const wish = { serverName: "broker", unix: null, mqttCa, mqttOwn: "" };
    const kept = tlsOptions(wish, (sector) => b.flash[sector] ?? new Uint8Array(0))?.ca;
    assert.deepEqual(kept?.subarray(0, 5), Uint8Array.of(0x30, 0x82, 1, 0, 0));
    b.post("/certificates", [["go", "removeCa"]], { mayErase: false });
    assert.equal(b.device().settings.mqttCa, mqttCa);
    b.post("/certificates", stored);
    const [first = 0, second = 0] = [FLASH_MAP.authorities.first, FLASH_MAP.authorities.first + 1];
    const isBlank = (sector: number): boolean => (b.flash[sector] ?? []).every((byte) => byte === 0xff);
    assert.deepEqual([isBlank(first), isBlank(second)], [true, false]);
    b.post("/certificates", [["go", "removeCa"]]);
    assert.equal(b.device().settings.mqttCa, "");
    assert.deepEqual([isBlank(first), isBlank(second)], [true, true]);
  });
  it("is offline when the broker closes, and back after the wait", () => {
    const b = connected();
    b.stream({ what: "closed" });
    assert.ok(b.said(/MQTT offline: the broker closed the connection/));
    assert.deepEqual([b.device().online, b.publish("x")], [false, []]);
    b.wait(1_000);
    assert.equal(b.kinds().filter((one) => one === "connect").length, 2);
  });
  it("loses what is published without a broker, and without a word", () => {
    assert.deepEqual(bench().publish("x"), []);
    assert.equal(connected().publish("x").length, 1);
  });
  it("knows the time of day once it is told", () => {
    const b = bench();
    assert.equal(b.device().clock, null);
    b.give({ kind: "clock", unix: unixSeconds(1_800_000_000) });
    assert.deepEqual(b.device().clock, { unix: 1_800_000_000, at: 0, told: true });
  });
  it("shows on its page whether it is connected", () => {
    assert.ok(bench().get("/status.json").includes('"mqtt":"off"'));
    const b = bench(blank(), settings({ portalPassword: "sol-e-chuva", mqttHost: "broker" }));
    assert.ok(b.get("/status.json").includes('"mqtt":"connecting"'));
    b.online();
    assert.ok(b.get("/status.json").includes('"mqtt":"online"'));
  });
});
