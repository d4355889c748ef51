import assert from "node:assert/strict";
import fc from "fast-check";
import { hungUp, type Mutes, mayPublish, NO_MUTES, published, settle } from "../src/mqtt-mute.js";
import { millis } from "../src/units.js";

const says = (mutes: Mutes, topic: string, now: number): Mutes => published(mutes, topic, millis(now));
const ends = (mutes: Mutes, now: number) => hungUp(mutes, millis(now));
const may = (mutes: Mutes, topic: string, now: number) => mayPublish(mutes, topic, millis(now));

/** "a" was published just before the broker hung up, twice: it is muted from 2,100. */
const muted = () => ends(says(ends(says(NO_MUTES, "a", 0), 100).mutes, "a", 2_000), 2_100);

describe("muted topics", () => {
  it("are none while the broker stays", () => {
    let mutes = NO_MUTES;
    for (let now = 0; now < 10_000; now += 500) mutes = settle(says(mutes, "a", now), millis(now));
    assert.equal(may(mutes, "a", 10_000), "send");
  });
  it("are suspects after the first end within 1 s of their publish, and may be sent again", () => {
    assert.deepEqual(ends(says(NO_MUTES, "a", 0), 999).mutes.suspects, ["a"]);
    assert.deepEqual(ends(says(NO_MUTES, "a", 0), 1_000).mutes.suspects, []);
    assert.equal(may(ends(says(NO_MUTES, "a", 0), 999).mutes, "a", 2_000), "send");
  });
  it("are muted for 10 minutes after the second", () => {
    const { mutes, muted: named } = muted();
    assert.deepEqual(named, ["a"]);
    assert.equal(may(mutes, "a", 602_099), "muted");
    assert.equal(may(mutes, "a", 602_100), "send");
    assert.equal(may(mutes, "b", 2_200), "send");
  });
  it("are suspects no more after a second of life behind their publish", () => {
    const suspect = ends(says(NO_MUTES, "a", 0), 100).mutes;
    const lived = settle(says(suspect, "a", 2_000), millis(3_000));
    assert.deepEqual(lived.suspects, []);
    assert.deepEqual(ends(says(lived, "a", 9_000), 9_100).muted, []);
  });
  it("are told from the innocent by being sent one at a time", () => {
    const both = ends(says(says(NO_MUTES, "a", 0), "b", 10), 100).mutes;
    assert.deepEqual(both.suspects, ["a", "b"]);
    const first = says(both, "a", 2_000);
    assert.deepEqual([may(first, "b", 2_999), may(first, "b", 3_000)], ["wait", "send"]);
    assert.equal(may(first, "a", 2_100), "send");
    assert.equal(may(first, "c", 2_100), "send");
    const { mutes, muted: named } = ends(first, 2_500);
    assert.deepEqual([named, may(mutes, "b", 4_000)], [["a"], "send"]);
  });
  it("are suspects 16 at a time, the newest", () => {
    const sayAll = (mutes: Mutes, names: string) => [...names].reduce((last, name) => says(last, name, 0), mutes);
    const first = ends(sayAll(NO_MUTES, "abcdefghijklmnop"), 100).mutes;
    const { suspects } = ends(sayAll(first, "QR"), 200).mutes;
    assert.equal(suspects.join(""), "cdefghijklmnopQR");
  });
  it("never include a topic that was not followed by an end twice, and their lists stay short", () => {
    const topic = fc.constantFrom("a", "b", "c", ...Array.from({ length: 20 }, (_, at) => `t${at}`));
    const event = fc.oneof(topic, fc.constantFrom("end", "wait", "tick"));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let mutes = NO_MUTES;
        let now = 0;
        const endsAfter = new Map<string, number>();
        let recent: { topic: string; at: number }[] = [];
        for (const one of events) {
          now += one === "wait" ? 1_000 : 50;
          if (one === "end") {
            for (const { topic } of recent.filter(({ at }) => now - at < 1_000)) {
              endsAfter.set(topic, (endsAfter.get(topic) ?? 0) + 1);
            }
            recent = [];
            const ended = ends(mutes, now);
            for (const topic of ended.muted) assert.ok((endsAfter.get(topic) ?? 0) >= 2, topic);
            mutes = ended.mutes;
          } else if (one === "tick" || one === "wait") mutes = settle(mutes, millis(now));
          else if (may(mutes, one, now) === "send") {
            mutes = says(mutes, one, now);
            recent = [...recent.filter(({ topic }) => topic !== one), { topic: one, at: now }];
          }
          for (const list of [mutes.recent, mutes.suspects, mutes.muted]) assert.ok(list.length <= 16);
        }
      }),
      { numRuns: 300 },
    );
  });
});
