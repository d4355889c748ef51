import assert from "node:assert/strict";
import fc from "fast-check";
import { METER, REFUSALS, type SiteMessage } from "../src/sharing-message.js";
import { type Channel, configMessage, open, openChannel, refusedInAll, reopened, seal } from "../src/site-channel.js";
import { deciamps, millis } from "../src/units.js";
import { entryOf, memberOf, reportOf, rows, sealed, settingsOf } from "./site.js";

const OURS = memberOf(rows(3), { siteVersion: 5 });
const FORMAT_SPOKEN = 2;
const channel = openChannel(OURS, FORMAT_SPOKEN);
const CALL: SiteMessage = { kind: "call", call: { term: 1, boot: 1, arbiter: 0, sentAt: millis(0) } };
const hear = (one: Channel, bytes: Uint8Array, now = 0) => open(one, bytes, millis(now));
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe("channel of a site", () => {
  it("opens what another device of the site has sealed", () => {
    const bytes = seal(openChannel({ ...OURS, id: "c1" }, FORMAT_SPOKEN), CALL);
    const heard = hear(channel, bytes ?? new Uint8Array(0));
    assert.deepEqual(heard.message, CALL);
    assert.equal(heard.head?.siteVersion, 5);
  });
  it("says and hears nothing without a key", () => {
    const mute = openChannel(settingsOf({}), FORMAT_SPOKEN);
    assert.equal(seal(mute, CALL), null);
    assert.deepEqual(hear(mute, sealed(OURS, CALL)).message, null);
    assert.equal(refusedInAll(mute), 0);
  });
  it("counts what it refuses, each reason for itself, and changes nothing else", () => {
    const away = settingsOf({ siteId: "away", siteVersion: 5 }, OURS);
    const twice = reportOf(
      0,
      [1, 2].map(() => entryOf({ ranges: [{ phase: 1, from: 0, to: 9 }] })),
    );
    const bad = [
      [new Uint8Array(3), "noMessage"],
      [new Uint8Array(5_000), "tooLong"],
      [flipped(sealed(OURS, CALL), 20), "forged"],
      [sealed(away, CALL), "otherSite"],
      [sealed(OURS, { kind: "report", report: { ...reportOf(0, []), budget: [] } }), "malformed"],
      [sealed(OURS, { kind: "report", report: twice }), "twoOwners"],
    ] as const;
    let last = channel;
    for (const [bytes, why] of bad) {
      const heard = hear(last, bytes);
      assert.deepEqual([heard.message, heard.head], [null, null], why);
      const at = REFUSALS.indexOf(why);
      assert.equal(heard.channel.refused[at], (last.refused[at] ?? 0) + 1, why);
      last = heard.channel;
    }
    assert.equal(refusedInAll(last), bad.length);
    assert.deepEqual(last.site, channel.site);
  });
  it("logs refusals once a minute, and names at once who gave an ampere to two", () => {
    const first = hear(channel, new Uint8Array(3), 1_000);
    assert.equal(first.log, "message refused: no message of ours");
    const second = hear(first.channel, new Uint8Array(3), 60_999);
    assert.equal(second.log, null);
    assert.notEqual(hear(second.channel, new Uint8Array(3), 61_000).log, null);
    const entries = [1, 2].map(() => entryOf({ ranges: [{ phase: 1, from: 0, to: 9 }] }));
    for (const [arbiter, name] of [
      [METER, "the meter"],
      [1, "c1"],
      [77, "a stranger"],
    ] as const) {
      const report = reportOf(0, entries, { arbiter });
      const { log } = hear(second.channel, sealed(OURS, { kind: "report", report }), 2_000);
      assert.equal(log, `message refused: report of ${name} gives one ampere to two chargers`);
    }
  });
  it("tells its configuration to who goes by an older one, every 3 s at most", () => {
    const older = settingsOf({ contractedA: 20, siteVersion: 4 }, OURS);
    const first = hear(channel, sealed(older, CALL), 10_000);
    assert.deepEqual([first.tells, first.message], [true, null]);
    const again = hear(first.channel, sealed(older, CALL), 12_999);
    assert.equal(again.tells, false);
    assert.equal(hear(again.channel, sealed(older, CALL), 13_000).tells, true);
  });
  it("tells nothing to who goes by a newer one", () => {
    const newer = settingsOf({ contractedA: 20, siteVersion: 6 }, OURS);
    assert.equal(hear(channel, sealed(newer, CALL)).tells, false);
  });
  it("lets a newer configuration through, and neither its own nor an older one", () => {
    const told = (siteVersion: number, contractedA: number) => {
      const settings = settingsOf({ contractedA, siteVersion }, OURS);
      return hear(channel, sealed(settings, configMessage(settings))).message;
    };
    assert.equal(told(6, 20)?.kind, "config");
    assert.equal(told(4, 20), null);
    assert.equal(told(5, 30), null);
    assert.equal(told(6, 30), null);
  });
  it("lets one of two configurations of the same version win on both sides", () => {
    fc.assert(
      fc.property(fc.constantFrom(20, 21, 40, 50.5), (contractedA) => {
        const other = settingsOf({ contractedA, siteVersion: 5 }, OURS);
        const here = hear(channel, sealed(other, configMessage(other))).message !== null;
        const there = hear(openChannel(other, FORMAT_SPOKEN), sealed(OURS, configMessage(OURS))).message !== null;
        assert.notEqual(here, there);
      }),
    );
  });
  it("goes on counting after its settings changed", () => {
    const counted = hear(channel, new Uint8Array(3)).channel;
    const changed = reopened(counted, settingsOf({ contractedA: 20 }, OURS));
    assert.equal(refusedInAll(changed), 1);
    assert.equal(changed.site.capacity, deciamps(200));
  });
});
