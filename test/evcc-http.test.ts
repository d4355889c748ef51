import assert from "node:assert/strict";
import { API_ROWS } from "../src/api.js";
import { LEASE_S } from "../src/commands.js";
import { brokerDesk } from "./broker-desk.js";
import { evccOf, GETTERS, jq, SETTERS } from "./evcc-yaml.js";
import { get, post, program, TOKEN } from "./program.js";

const { charger, has, paths } = evccOf("Over HTTP");
const HOST = "192.168.1.20";

const pathIn = (uri: string): string => {
  const [, host, path = ""] = /^http:\/\/([^/]+)(\/.*)$/.exec(uri) ?? [];
  assert.equal(host, HOST);
  return path;
};
/** With the token that its owner puts there. */
const headersOf = (place: string): string =>
  ["Authorization", "Content-Type"]
    .filter((name) => has(`${place}.headers.${name}`))
    .map((name) => `${name}: ${charger(`${place}.headers.${name}`).replace("TOKEN", TOKEN)}\r\n`)
    .join("");

/** evcc's plugins as the page configures them, at a charger on a desk. */
function plugged(patch: object) {
  const desk = brokerDesk({ id: "c1", apiToken: TOKEN, ...patch });
  const asking = program(desk);
  return {
    desk,
    reads(getter: string): unknown {
      const heard = asking.asks(get(pathIn(charger(`${getter}.uri`)), headersOf(getter)));
      assert.equal(heard.status, 200);
      return jq(charger(`${getter}.jq`), heard.body);
    },
    sets(setter: string, value: string): number {
      const place = `${setter}.set`;
      assert.equal(charger(`${place}.method`), "POST");
      const body = charger(`${place}.body`).replace(`\${${setter}}`, value);
      return asking.asks(post(pathIn(charger(`${place}.uri`)), body, headersOf(place))).status;
    },
  };
}

describe("the configuration of evcc over HTTP in docs/evcc.md", () => {
  const ALONE = { member: false, mode: "manual", manualA: 13 };

  it("is a custom charger whose every value the charger gives", () => {
    assert.equal(charger("type"), "custom");
    const { reads } = plugged(ALONE);
    const told = GETTERS.map((getter) => {
      assert.equal(charger(`${getter}.source`), "http");
      assert.equal(pathIn(charger(`${getter}.uri`)), API_ROWS.state.path);
      return reads(getter);
    });
    assert.deepEqual(told, ["C", true, 0, null, 0, 0, 0, ""]);
    assert.equal(charger("energy.scale"), "0.001"); // evcc counts in kWh
  });
  it("sends commands that the charger takes, and again before the lease is over", () => {
    const { sets } = plugged(ALONE);
    for (const [setter, samples] of Object.entries(SETTERS)) {
      assert.equal(charger(`${setter}.source`), "watchdog");
      assert.ok(Number.parseInt(charger(`${setter}.timeout`), 10) / 2 <= LEASE_S / 2);
      assert.equal(charger(`${setter}.set.source`), "http");
      for (const sample of samples) assert.equal(sets(setter, sample), 200, `${setter} ${sample}`);
    }
    assert.equal(sets("maxcurrent", "5"), 422);
  });
  it("names every address once it is checked here", () => {
    const addresses = paths.filter((path) => path.endsWith(".uri"));
    assert.equal(addresses.length, GETTERS.length + Object.keys(SETTERS).length);
    assert.equal(paths.filter((path) => path.endsWith(".Authorization")).length, addresses.length);
  });
});

/** A of the roof beyond the house in each half minute of a day that lasts a quarter of an hour. */
const SURPLUS = Array.from({ length: 30 }, (_, at) => Math.round(1_900 * Math.sin((Math.PI * at) / 29)) / 100);
const OWN_A = 13;

/** Each second: what is checked, and the car takes what it is offered. */
function passes({ desk }: ReturnType<typeof plugged>, seconds: number, check: () => void): void {
  for (let passed = 0; passed < seconds; passed++) {
    desk.waits(1_000);
    const { offer } = desk.lease();
    desk.status({ offer, mode: offer > 0 ? "charging" : "suspendedEVSE", contactorClosed: offer > 0 });
    check();
  }
}

/** As evcc decides each half minute: on from 6 A, and follows; its watchdog says both again. */
function says({ sets }: ReturnType<typeof plugged>, surplusA: number): void {
  assert.equal(sets("enable", String(surplusA >= 6)), 200);
  if (surplusA >= 6) assert.equal(sets("maxcurrentmillis", String(surplusA)), 200);
}

describe("evcc over HTTP on a day of sun", () => {
  /** On a trip: nobody but the charger itself and who leads it bounds the current. */
  const alone = () => plugged({ member: false, mode: "manual", manualA: OWN_A });

  it("leads the charger within the charger's own limits, up and down and through a pause", () => {
    const one = alone();
    const seen: number[] = [];
    for (const surplus of SURPLUS) {
      says(one, surplus);
      const most = surplus < 6 ? 0 : Math.min(surplus, OWN_A);
      passes(one, 30, () => assert.ok(one.desk.lease().offer / 10 <= most + 1e-9));
      assert.deepEqual([one.reads("enabled"), one.reads("status")], [surplus >= 6, surplus >= 6 ? "C" : "B"]);
      seen.push(one.desk.lease().offer / 10);
    }
    assert.deepEqual([seen[0], Math.max(...seen), seen.at(-1)], [0, OWN_A, 0]);
    assert.ok(seen.some((amps) => amps > 6 && amps < 10));
  });
  it("is obeyed to the end of its lease when it falls silent, and not for longer: limited or paused", () => {
    for (const surplus of [7, 0]) {
      const one = alone();
      says(one, surplus);
      passes(one, 59, () => assert.equal(one.desk.lease().offer, surplus * 10));
      passes(one, 2, () => undefined);
      assert.equal(one.desk.lease().offer, OWN_A * 10);
      assert.equal(one.reads("enabled"), true);
    }
  });
  it("never lifts what the site, the schedule, the charger's rating or a person leaves", () => {
    const all = { days: "1234567", from: "00:00", to: "24:00" };
    const bounds = [
      // Nobody has told what the house leaves: nothing but the fail-safe value.
      [{ member: true, failsafeA: 0 }, 0],
      [{ member: false, mode: "manual", manualA: 32, maxA: 10, cableA: 10 }, 10],
      [
        {
          member: false,
          mode: "manual",
          manualA: OWN_A,
          schedule: { windows: [{ ...all, limitA: 8 }], departures: [] },
        },
        8,
      ],
      [
        {
          member: false,
          mode: "manual",
          manualA: OWN_A,
          schedule: { windows: [{ ...all, limitA: 0 }], departures: [] },
        },
        0,
      ],
      // A card is needed, and nobody has come.
      [{ member: false, mode: "manual", manualA: OWN_A, freeCharging: false }, 0],
    ] as const;
    for (const [patch, most] of bounds) {
      const one = plugged(patch);
      says(one, 32);
      passes(one, 10, () => {
        const { offer, permitted } = one.desk.lease();
        assert.ok(!permitted || offer <= most * 10, `${JSON.stringify(patch)}: ${offer}`);
      });
      const { offer, permitted } = one.desk.lease();
      assert.equal(permitted ? offer : 0, most * 10, JSON.stringify(patch));
    }
  });
});
