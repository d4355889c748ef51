import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULTS } from "../src/settings.js";
import { millis } from "../src/units.js";
import {
  type JoinRefusal,
  type Network,
  type RadioEvent,
  startWifi,
  stepWifi,
  type Wifi,
  type WifiEffect,
  type WifiEvent,
  type WifiSettings,
} from "../src/wifi.js";

const NEW: WifiSettings = DEFAULTS;
const SET: WifiSettings = { ...DEFAULTS, wifiSsid: "Casa", wifiPassword: "sun-and-rain", setUp: true };

/** A radio that only does what the test says. */
function bench(initial: WifiSettings = SET) {
  let now = 0;
  let settings = initial;
  let wifi: Wifi = startWifi(millis(0));
  const told: string[] = [];
  const all: WifiEffect[] = [];
  const give = (event: WifiEvent): void => {
    const step = stepWifi(wifi, event, settings, millis(now));
    wifi = step.wifi;
    all.push(...step.effects);
    for (const one of step.effects) told.push(one.kind === "accessPoint" ? (one.open ? "open" : "close") : one.kind);
  };
  give({ kind: "tick" });
  return {
    wifi: (): Wifi => wifi,
    give,
    hear: (event: RadioEvent): void => give({ kind: "radio", event }),
    joined: (): void => give({ kind: "radio", event: { what: "joined", address: "192.168.1.20" } }),
    failed: (why: JoinRefusal = "notFound"): void => give({ kind: "radio", event: { what: "failed", why } }),
    /** What the radio was told since this was asked last. */
    told: (): readonly string[] => told.splice(0),
    all,
    set: (patch: Partial<WifiSettings>): void => {
      settings = { ...settings, ...patch };
      give({ kind: "tick" });
    },
    wait: (ms: number): void => {
      now += ms;
      give({ kind: "tick" });
    },
  };
}

/** Whole seconds until the radio is told something. */
function secondsTo(b: ReturnType<typeof bench>, what: string, most = 400): number | null {
  b.told();
  for (let second = 1; second <= most; second++) {
    b.wait(1_000);
    if (b.told().includes(what)) return second;
  }
  return null;
}

describe("wifi: the station", () => {
  it("joins nothing while no network is set", () => {
    const b = bench(NEW);
    b.wait(60_000);
    assert.deepEqual([b.wifi().station, b.told()], ["off", ["open"]]);
  });
  it("joins what is set at once, and has its address when it has joined", () => {
    const b = bench();
    assert.deepEqual(b.all, [{ kind: "join", ssid: "Casa", password: "sun-and-rain" }]);
    assert.equal(b.wifi().station, "joining");
    b.joined();
    assert.deepEqual([b.wifi().station, b.wifi().address, b.wifi().failed], ["joined", "192.168.1.20", null]);
    b.wait(600_000);
    assert.deepEqual(b.told(), ["join"]);
  });
  it("tells why a try failed until one succeeds", () => {
    const b = bench();
    for (const why of ["password", "notFound", "noAddress", "refused"] as const) {
      b.failed(why);
      assert.equal(b.wifi().failed, why);
      b.wait(60_000);
    }
    b.joined();
    assert.equal(b.wifi().failed, null);
  });
  it("tries again after 2, 4, 8, 16, 32 and then each 60 s", () => {
    const b = bench();
    const waits = Array.from({ length: 8 }, () => {
      b.failed();
      return secondsTo(b, "join");
    });
    assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
  });
  it("begins with the short waits again once it has been joined", () => {
    const b = bench();
    for (let time = 0; time < 6; time++) {
      b.failed();
      b.wait(60_000);
    }
    b.joined();
    b.hear({ what: "lost" });
    b.failed();
    assert.equal(secondsTo(b, "join"), 2);
  });
  it("joins again at once when it is lost, and has no address until then", () => {
    const b = bench();
    b.joined();
    b.told();
    b.hear({ what: "lost" });
    assert.deepEqual([b.wifi().station, b.wifi().address, b.told()], ["joining", null, ["join"]]);
  });
  it("asks a radio that says nothing again after 30 s, and for ever", () => {
    const b = bench();
    assert.deepEqual([secondsTo(b, "join"), secondsTo(b, "join")], [30, 30]);
  });
  it("tries other settings at once, and forgets why the last ones failed", () => {
    const b = bench();
    b.failed("password");
    b.told();
    b.set({ wifiPassword: "rain-and-sun" });
    assert.deepEqual([b.told(), b.wifi().failed, b.wifi().tries], [["join"], null, 1]);
    b.joined();
    b.set({ wifiSsid: "Casa-quintal" });
    assert.deepEqual([b.told(), b.wifi().station, b.wifi().address], [["join"], "joining", null]);
  });
  it("leaves when the network is taken out of the settings", () => {
    const b = bench();
    b.joined();
    b.told();
    b.set({ wifiSsid: "" });
    assert.deepEqual([b.told(), b.wifi().station, b.wifi().address], [["leave", "open"], "off", null]);
  });
  it("takes no news of a network that it was not told to join, or has left", () => {
    const b = bench(NEW);
    b.joined();
    b.failed();
    b.hear({ what: "lost" });
    assert.deepEqual([b.wifi().station, b.wifi().failed, b.wifi().address], ["off", null, null]);
    const joined = bench();
    joined.joined();
    joined.failed("password");
    assert.deepEqual([joined.wifi().station, joined.wifi().failed], ["joined", null]);
  });
});

describe("wifi: the access point", () => {
  it("is open until set-up is done, joined or not, so that a wrong password is told on the page that asked for it", () => {
    const b = bench({ ...SET, setUp: false });
    assert.equal(b.wifi().accessPoint, true);
    b.failed("password");
    b.joined();
    b.wait(3_600_000);
    assert.equal(b.wifi().accessPoint, true);
  });
  it("stays for a minute after set-up is done, for the page that says so", () => {
    const b = bench({ ...SET, setUp: false });
    b.joined();
    b.wait(600_000);
    b.set({ setUp: true });
    assert.equal(secondsTo(b, "close"), 60);
  });
  it("is not open in a house whose Wi-Fi is joined", () => {
    const b = bench();
    b.joined();
    b.wait(3_600_000);
    assert.deepEqual(b.told(), ["join"]);
  });
  it("comes back after three minutes without the house's Wi-Fi, and not before", () => {
    const b = bench();
    b.joined();
    b.wait(10_000);
    b.hear({ what: "lost" });
    assert.equal(secondsTo(b, "open"), 180);
  });
  it("counts the minutes alone from the first loss, however often a join fails", () => {
    const b = bench();
    b.joined();
    b.hear({ what: "lost" });
    let open = 0;
    for (let second = 1; second <= 200 && open === 0; second++) {
      b.failed();
      b.wait(1_000);
      if (b.wifi().accessPoint) open = second;
    }
    assert.equal(open, 180);
  });
  it("closes a minute after the house's Wi-Fi is joined again", () => {
    const b = bench();
    b.wait(180_000);
    assert.equal(b.wifi().accessPoint, true);
    b.joined();
    assert.equal(secondsTo(b, "close"), 60);
  });
  it("stays open when the Wi-Fi comes for less than a minute", () => {
    const b = bench();
    b.wait(180_000);
    b.told();
    for (let time = 0; time < 5; time++) {
      b.joined();
      b.wait(59_000);
      b.hear({ what: "lost" });
      b.wait(10_000);
    }
    assert.ok(!b.told().includes("close"));
  });
  it("opens for ten minutes when the button was held", () => {
    const b = bench();
    b.joined();
    b.wait(1_000);
    b.give({ kind: "called" });
    assert.equal(b.wifi().accessPoint, true);
    assert.equal(secondsTo(b, "close", 800), 600 + 60);
  });
  it("is always open on a trip, and where no house Wi-Fi is set", () => {
    for (const patch of [{ member: false }, { wifiSsid: "" }]) {
      const b = bench({ ...SET, ...patch });
      b.joined();
      b.wait(86_400_000);
      assert.equal(b.wifi().accessPoint, true);
    }
  });
});

describe("wifi: the list of networks", () => {
  const network = (ssid: string, rssi: number): Network => ({ ssid, rssi, open: false });
  const scanned = (networks: readonly Network[]) => {
    const b = bench(NEW);
    b.give({ kind: "scan" });
    b.hear({ what: "scanned", networks });
    return b.wifi();
  };
  it("names each once, the nearest first, and none without a name", () => {
    const { networks } = scanned([network("b", -80), network("a", -70), network("b", -50), network("", -30)]);
    assert.deepEqual(
      networks.map(({ ssid, rssi }) => [ssid, rssi]),
      [
        ["b", -50],
        ["a", -70],
      ],
    );
  });
  it("holds at most 16", () => {
    const many = Array.from({ length: 500 }, (_, index) => network(`n${index}`, -30 - (index % 60)));
    assert.equal(scanned(many).networks.length, 16);
  });
  it("scans once at a time, and gives up on a radio that does not answer after 15 s", () => {
    const b = bench(NEW);
    b.told();
    b.give({ kind: "scan" });
    b.give({ kind: "scan" });
    assert.deepEqual([b.told(), b.wifi().scanning], [["scan"], true]);
    b.wait(14_000);
    assert.equal(b.wifi().scanning, true);
    b.wait(1_000);
    assert.equal(b.wifi().scanning, false);
  });
  it("keeps its list when other settings are tried", () => {
    const b = bench(NEW);
    b.hear({ what: "scanned", networks: [network("a", -50)] });
    b.set({ wifiSsid: "a" });
    assert.equal(b.wifi().networks.length, 1);
  });
});

describe("wifi, whatever comes", () => {
  const SILENCES = [100, 1_000, 59_000, 61_000, 180_000, 600_000] as const;
  const event = fc.oneof(
    fc.constantFrom<WifiEvent>(
      { kind: "scan" },
      { kind: "called" },
      { kind: "radio", event: { what: "joined", address: "10.0.0.2" } },
      { kind: "radio", event: { what: "failed", why: "password" } },
      { kind: "radio", event: { what: "lost" } },
      { kind: "radio", event: { what: "scanned", networks: [] } },
    ),
    fc.constantFrom(...SILENCES),
    fc.constantFrom<Partial<WifiSettings>>(
      { setUp: true },
      { setUp: false },
      { member: false },
      { member: true },
      { wifiSsid: "" },
      { wifiSsid: "Casa" },
      { wifiPassword: "other-one" },
    ),
  );
  const run = (events: readonly (WifiEvent | number | Partial<WifiSettings>)[]) => {
    const b = bench(NEW);
    for (const one of events) {
      if (typeof one === "number") b.wait(one);
      else if ("kind" in one) b.give(one);
      else b.set(one);
    }
    return b;
  };
  it("tells the radio of each change once: the access point opens and closes in turns", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const turns = run(events)
          .told()
          .filter((one) => one === "open" || one === "close");
        return turns.every((one, at) => one === (at % 2 === 0 ? "open" : "close"));
      }),
    );
  });
  it("never gets stuck: with a network set, a radio that begins to work is joined within a minute", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const b = run(events);
        b.set({ wifiSsid: "Casa", wifiPassword: "sun-and-rain" });
        if (b.wifi().station === "joined") return true;
        const waited = secondsTo(b, "join", 61) ?? 99;
        b.joined();
        return waited <= 60 && b.wifi().station === "joined";
      }),
    );
  });
  it("can always be reached: joined, or by its access point within three minutes", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const b = run(events);
        if (b.wifi().station === "joined") return true;
        for (let second = 0; second < 181; second++) b.wait(1_000);
        return b.wifi().accessPoint;
      }),
    );
  });
});
