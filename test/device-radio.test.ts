import assert from "node:assert/strict";
import {
  answerPage,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  startDevice,
  stepDevice,
} from "../src/device.js";
import { commonModel } from "../src/device-view.js";
import type { PortalModel } from "../src/portal/model.js";
import { DEFAULTS, type Settings } from "../src/settings.js";
import { millis, unixSeconds } from "../src/units.js";
import type { RadioEvent } from "../src/wifi.js";
import { IDLE } from "./portal/model.js";
import { blankFlash, bootOf, settingsOf } from "./site.js";
import { type Form, visitor } from "./visitor.js";

const JOINED: RadioEvent = { what: "joined", address: "192.168.1.20" };
const QUERY = Uint8Array.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 2, 112, 116, 0, 0, 1, 0, 1);

/** A device with a radio, its flash, and a phone at its pages. */
function bench(initial: Settings = DEFAULTS, radio = true) {
  const flash = blankFlash();
  let now = 0;
  let secret = 0;
  let mayErase = true;
  let log: DeviceEffect[] = [];
  const note = (effects: readonly DeviceEffect[]): void => {
    for (const effect of effects) {
      log.push(effect);
      const sector = effect.kind === "erase" || effect.kind === "write" ? flash[effect.sector] : undefined;
      if (effect.kind === "erase") sector?.fill(0xff);
      if (effect.kind === "write") sector?.set(effect.bytes, effect.offset);
    }
  };
  const boot = (): Device => {
    log = [];
    now = 0;
    const sectors = flash.map((one) => one.slice());
    const booted = { ...bootOf(initial, 1, sectors), kind: "charger", secret: [++secret, 2, 3, 4], radio } as const;
    const started = startDevice(booted, millis(0));
    note(started.effects);
    return started.device;
  };
  let device = boot();
  const model = (): PortalModel => ({ ...commonModel(device, millis(now)), ...IDLE });
  const give = (event: DeviceEvent): void => {
    const step = stepDevice(device, event, mayErase, millis(now));
    const paged = answerPage(step.device, model(), mayErase, millis(now));
    device = paged.device;
    note([...step.effects, ...paged.effects]);
  };
  const wait = (ms: number): void => {
    for (let left = ms; left > 0; left -= 100) {
      now += Math.min(100, left);
      give({ kind: "tick" });
    }
  };
  const phone = visitor({
    give: (connection, event) => give({ kind: "page", connection, event }),
    sent: () => log.flatMap((one) => (one.kind === "pageSend" ? [one.bytes] : [])).at(-1),
  });
  return {
    flash,
    give,
    wait,
    phone,
    device: (): Device => device,
    model,
    hear: (event: RadioEvent): void => give({ kind: "radio", event }),
    /** What was asked for since the last time. */
    did: (kind: DeviceEffect["kind"]) => log.splice(0).filter((one) => one.kind === kind),
    texts: (kind: "log" | "console") => log.flatMap((one) => (one.kind === kind ? [one.text] : [])),
    closeContactor: (closed: boolean): void => {
      mayErase = !closed;
    },
    reboot: (): void => {
      device = boot();
    },
    csrf: (): string => device.logins.visits[0]?.csrf ?? "",
  };
}

describe("a device out of the box", () => {
  it("makes its own passwords, keeps them over a reboot, and says them at its console alone", () => {
    const b = bench();
    const { accessPointPassword, portalPassword } = b.device().settings;
    assert.match(accessPointPassword, /^[a-z2-9]{12}$/);
    assert.match(portalPassword, /^[a-z2-9]{12}$/);
    assert.notEqual(accessPointPassword, portalPassword);
    assert.deepEqual(b.texts("console"), [
      `access point IEVCC-A1B2, password ${accessPointPassword}`,
      `password of the pages: ${portalPassword}`,
    ]);
    b.wait(1_000);
    b.reboot();
    assert.equal(b.device().settings.accessPointPassword, accessPointPassword);
    assert.equal(b.device().settings.portalPassword, portalPassword);
    assert.doesNotMatch(JSON.stringify(b.device().log) + b.texts("log").join(), new RegExp(accessPointPassword));
  });
  it("has no secret in its log, whatever is typed, refused or tried", () => {
    const secrets = {
      accessPointPassword: "ap-secret-1",
      portalPassword: "pages-secret-2",
      wifiPassword: "wifi-secret-3",
      mqttPassword: "mqtt-secret-4",
      siteKey: "5ec2e75ec2e75ec2e75ec2e75ec2e75e",
    };
    const b = bench(settingsOf({ ...secrets, wifiSsid: "Casa", mqttHost: "broker" }));
    b.wait(100);
    b.hear({ what: "failed", why: "password" });
    b.phone.get("/setup/1");
    const fill = (path: string, ...fields: Form): string => b.phone.post(path, [["csrf", b.csrf()], ...fields]);
    fill("/network", ["wifiPassword", "secret\u00e9"], ["portalPassword", "secret"], ["accessPointPassword", "secret"]);
    fill("/mqtt", ["mqttPassword", "secret".repeat(40)]);
    fill("/site", ["siteKey", "secret"]);
    fill("/backup", ["passphrase", "passphrase-secret-6"]);
    fill("/restore", ["backup", "secret"], ["passphrase", "passphrase-secret-6"]);
    b.give({ kind: "set", patch: { wifiPassword: "secret", siteKey: "secret", portalPassword: 5 } });
    b.phone.post("/login", [["password", "pages-secret-2x"]]);
    b.phone.post("/login", [["password", "pages-secret-2"]]);
    b.wait(2_000);
    const told = b.texts("log").join();
    assert.match(told, /cannot join Casa.*settings refused: wifiPassword/);
    assert.doesNotMatch(told, /secret|5ec2e7/);
  });
  it("keeps those that the factory gave it", () => {
    const given = settingsOf({ accessPointPassword: "from-the-label", portalPassword: "on-it-as-well" });
    const { settings, store } = bench(given).device();
    assert.deepEqual([settings, store.sequence], [given, 0]);
  });
  it("needs none for an access point where there is no radio", () => {
    const b = bench(DEFAULTS, false);
    assert.equal(b.device().settings.accessPointPassword, "");
    assert.equal(b.model().radio, null);
    b.wait(1_000);
    assert.deepEqual(b.did("radio"), []);
  });
  it("says the pages' password no more once set-up is done", () => {
    const b = bench(settingsOf({ portalPassword: "sol-e-chuva", accessPointPassword: "abcd2345", setUp: true }));
    assert.deepEqual(b.texts("console"), ["access point IEVCC-A1B2, password abcd2345"]);
  });
  it("opens its access point with name and password, and shows both to whoever sets it up", () => {
    const b = bench(settingsOf({ accessPointPassword: "abcd2345", portalPassword: "sol-e-chuva" }));
    b.wait(100);
    assert.deepEqual(b.did("radio"), [
      { kind: "radio", act: { kind: "open", ssid: "IEVCC-A1B2", password: "abcd2345" } },
    ]);
    const { radio } = b.model();
    assert.deepEqual([radio?.accessPoint, radio?.name, radio?.password], [true, "IEVCC-A1B2", "abcd2345"]);
    b.give({ kind: "set", patch: { setUp: true } });
    assert.equal(b.model().radio?.password, "");
  });
  it("opens it anew when its password is changed", () => {
    const b = bench();
    b.wait(100);
    b.did("radio");
    b.give({ kind: "set", patch: { accessPointPassword: "another-one" } });
    assert.deepEqual(b.did("radio"), [
      { kind: "radio", act: { kind: "open", ssid: "IEVCC-A1B2", password: "another-one" } },
    ]);
  });
});

describe("a device on the air", () => {
  const atHome = () => bench(settingsOf({ wifiSsid: "Casa", wifiPassword: "sun-and-rain", mqttHost: "broker" }));

  it("has a link as soon as it has joined, and none when it is lost", () => {
    const b = atHome();
    b.wait(100);
    assert.equal(b.device().linkUp, false);
    b.hear(JOINED);
    assert.deepEqual([b.device().linkUp, b.did("connect").length], [true, 1]);
    assert.deepEqual([b.model().wifi, b.model().address], ["joined", "192.168.1.20"]);
    b.hear({ what: "lost" });
    assert.deepEqual([b.device().linkUp, b.model().wifi, b.model().address], [false, "joining", null]);
  });
  it("has a link by its cable too, whatever the radio says", () => {
    const b = atHome();
    b.wait(100);
    b.give({ kind: "link", up: true });
    b.hear({ what: "failed", why: "notFound" });
    assert.equal(b.device().linkUp, true);
    b.hear(JOINED);
    b.give({ kind: "link", up: false });
    assert.equal(b.device().linkUp, true);
    b.hear({ what: "lost" });
    assert.equal(b.device().linkUp, false);
  });
  it("tells of the network that was typed on the very next page, not of the one before", () => {
    const b = bench(settingsOf({ accessPointPassword: "abcd2345", portalPassword: "sol-e-chuva" }));
    b.wait(100);
    b.phone.get("/setup/3");
    const join = (password: string): string => {
      b.phone.post("/setup/3", [
        ["csrf", b.csrf()],
        ["wifiPick", ""],
        ["wifiSsid", "Casa"],
        ["wifiPassword", password],
      ]);
      return b.phone.get("/setup/3");
    };
    assert.match(join("wind-and-sun"), /Connecting to Casa/);
    b.hear({ what: "failed", why: "password" });
    assert.match(b.phone.get("/setup/3"), /Wrong password for Casa/);
    const again = join("sun-and-rain");
    assert.match(again, /Connecting to Casa/);
    assert.doesNotMatch(again, /Wrong password/);
  });
  it("tells in its log what the radio does, with the network's name and never its password", () => {
    const b = atHome();
    b.wait(100);
    b.hear({ what: "failed", why: "password" });
    b.wait(3_000);
    b.hear(JOINED);
    b.hear({ what: "lost" });
    const texts = b.texts("log");
    const mine = ["cannot join Casa: its password is another", "joined Casa as 192.168.1.20", "left Casa"];
    assert.deepEqual(
      texts.filter((text) => mine.includes(text)),
      mine,
    );
    assert.doesNotMatch(texts.join(), /sun-and-rain/);
  });
  it("answers names while its access point is open, and none when it is closed", () => {
    const b = bench(settingsOf({ wifiSsid: "Casa", setUp: true, portalPassword: "sol-e-chuva" }));
    b.wait(100);
    b.hear(JOINED);
    const ask = () => {
      b.give({ kind: "name", from: "192.168.4.2", bytes: QUERY });
      return b.did("name");
    };
    assert.deepEqual(ask(), []);
    b.give({ kind: "called" });
    const [answer] = ask();
    assert.ok(answer?.kind === "name" && answer.to === "192.168.4.2");
    assert.deepEqual([...answer.bytes.slice(-4)], [192, 168, 4, 1]);
    b.give({ kind: "name", from: "192.168.4.2", bytes: QUERY.slice(0, 9) });
    assert.deepEqual(b.did("name"), []);
  });
});

describe("what people ask of a device by its pages", () => {
  const inside = () => {
    const b = bench();
    b.wait(100);
    b.phone.get("/setup/1");
    return b;
  };
  const asks = (b: ReturnType<typeof bench>, path: string, fields: Form = []): string =>
    b.phone.post(path, [["csrf", b.csrf()], ...fields]);

  it("is done for whoever is on the access point before set-up is done, with the cookie of the first page", () => {
    const b = inside();
    assert.match(b.phone.cookie(), /^ievcc-a1b2=[0-9a-f]{32}$/);
    assert.match(
      asks(b, "/mode", [
        ["mode", "manual"],
        ["manualA", "16"],
      ]),
      /^HTTP\/1\.1 303 /,
    );
    assert.deepEqual([b.device().settings.mode, b.device().settings.manualA], ["manual", 16]);
  });
  it("needs the password once set-up is done", () => {
    const b = bench(settingsOf({ portalPassword: "sol-e-chuva", setUp: true }));
    b.wait(100);
    assert.match(b.phone.get("/mode"), /^Location: \/login/m);
    assert.match(b.phone.logIn("wrong"), /^HTTP\/1\.1 4\d\d /);
    assert.equal(b.phone.cookie(), "");
    assert.match(b.phone.logIn("sol-e-chuva"), /^HTTP\/1\.1 303 /);
    assert.match(b.phone.get("/mode"), /^HTTP\/1\.1 200 /);
  });
  it("is a restart, once the answer has left and no contactor is closed", () => {
    const b = inside();
    b.closeContactor(true);
    assert.match(asks(b, "/device", [["go", "restart"]]), /^HTTP\/1\.1 [23]/);
    assert.ok(b.texts("log").includes("the restart waits until the contactor is open"));
    b.wait(60_000);
    assert.deepEqual(b.did("restart"), []);
    b.closeContactor(false);
    b.wait(100);
    assert.equal(b.did("restart").length, 1);
    b.wait(5_000);
    assert.deepEqual(b.did("restart"), []);
  });
  it("is the factory's settings: all of them go, the count of boots stays, and new passwords are made", () => {
    const b = inside();
    const before = b.device().settings.accessPointPassword;
    b.give({ kind: "set", patch: { wifiSsid: "Casa", setUp: true } });
    asks(b, "/reset", [["go", "reset"]]);
    b.wait(2_000);
    assert.equal(b.did("restart").length, 1);
    const boots = b.flash.slice(2, 4).map((one) => one.slice());
    assert.ok(boots.some((one) => one.some((byte) => byte !== 0xff)));
    b.reboot();
    assert.deepEqual([b.device().settings.wifiSsid, b.device().settings.setUp], ["", false]);
    assert.notEqual(b.device().settings.accessPointPassword, before);
  });
});

describe("the time of somebody's phone", () => {
  const clockOf = (b: ReturnType<typeof bench>) => b.model().unix;
  const tell = (b: ReturnType<typeof bench>, unix: number | string, offset: number | string): string =>
    b.phone.post("/clock", [
      ["csrf", b.csrf()],
      ["unix", String(unix)],
      ["offset", String(offset)],
    ]);
  const inside = () => {
    const b = bench();
    b.wait(100);
    b.phone.get("/setup/1");
    return b;
  };
  it("is taken where nobody else knows it, with its zone, and goes on", () => {
    const b = inside();
    tell(b, 1_800_000_000, 60);
    b.wait(5_000);
    assert.deepEqual([clockOf(b), b.device().settings.utcOffsetMinutes], [1_800_000_005, 60]);
  });
  it("gives way to the network's, and never takes its place", () => {
    const b = inside();
    tell(b, 1_800_000_000, 0);
    b.give({ kind: "clock", unix: unixSeconds(1_800_000_500) });
    tell(b, 1_700_000_000, 60);
    assert.deepEqual([clockOf(b), b.device().settings.utcOffsetMinutes], [1_800_000_500, 60]);
  });
  it("is not believed before 2020 or after 2100, nor when it is no number", () => {
    for (const unix of [0, -1, 1_577_836_799, 4_102_444_800, "NaN", "1e999", ""]) {
      const b = inside();
      tell(b, unix, 0);
      assert.equal(clockOf(b), null, String(unix));
    }
  });
});
