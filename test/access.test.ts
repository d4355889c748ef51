import assert from "node:assert/strict";
import { type CardRight, isRandomUid, lapsed, NOBODY, presentCard, stopFor, unplugged } from "../src/access.js";
import { millis } from "../src/units.js";

const [UID, OTHER] = ["5CBBE5D5", "04A1B2C3D4E5F6"];
const present = (last: typeof NOBODY, uid: string, right: CardRight, free = false) =>
  presentCard(last, uid, { free, right }, millis(1_000));
const STARTED = present(NOBODY, UID, 7).permission;

describe("access", () => {
  it("only notes a card while charging is free", () => {
    assert.deepEqual(present(NOBODY, UID, "unknown", true), { permission: NOBODY, answer: "noted" });
  });
  it("starts with a card that has the right, for its person, and stops when it is presented again", () => {
    const started = present(NOBODY, UID, 7);
    assert.equal(started.answer, "started");
    assert.deepEqual([started.permission.startedBy, started.permission.person], [UID, 7]);
    const stopped = present(started.permission, UID, 7);
    assert.deepEqual(
      [stopped.answer, stopped.permission.startedBy, stopped.permission.ended],
      ["stopped", null, "card"],
    );
  });
  it("refuses a card without the right, with the reason, and another's while one has started", () => {
    for (const why of ["unknown", "random", "inactive", "hours", "energyLimit", "timeUnknown"] as const) {
      assert.deepEqual(present(NOBODY, UID, why), { permission: NOBODY, answer: why });
    }
    assert.deepEqual(present(STARTED, OTHER, 8), { permission: STARTED, answer: "notYours" });
  });
  it("lets whoever started stop, whatever became of the right", () => {
    assert.equal(present(STARTED, UID, "energyLimit").answer, "stopped");
  });
  it("ends with unplugging", () => {
    assert.deepEqual([unplugged(STARTED).startedBy, unplugged(STARTED).ended], [null, "unplugged"]);
    assert.equal(unplugged(NOBODY), NOBODY);
  });
  it("waits 3 minutes for the car of a card", () => {
    assert.equal(lapsed(STARTED, false, millis(181_000)), false);
    assert.equal(lapsed(STARTED, false, millis(181_001)), true);
    assert.equal(lapsed(STARTED, true, millis(999_000)), false);
    assert.equal(lapsed(NOBODY, false, millis(999_000)), false);
  });
  it("tells why a right that is gone ended the session", () => {
    assert.deepEqual((["hours", "energyLimit", "inactive", "unknown"] as const).map(stopFor), [
      "hours",
      "energyLimit",
      "revoked",
      "revoked",
    ]);
  });
  it("knows a random UID: 4 bytes of which the first is 08", () => {
    assert.deepEqual(["08ABCDEF", "08ABCDEF010203", "5CBBE5D5"].map(isRandomUid), [true, false, false]);
  });
});
