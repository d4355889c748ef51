import assert from "node:assert/strict";
import { type Access, mayCharge, NOBODY, presentCard, unplugged } from "../src/access.js";

const CARDS: Access = { free: false, cards: ["04A1B2C3D4E5F6", "5CBBE5D5"] };

describe("access", () => {
  it("lets everybody charge while charging is free, and only notes a card", () => {
    const free = { ...CARDS, free: true };
    assert.equal(mayCharge(NOBODY, free), true);
    assert.deepEqual(presentCard(NOBODY, "00000001", free), { permission: NOBODY, answer: "noted" });
  });
  it("starts with a known card and stops when it is presented again", () => {
    const started = presentCard(NOBODY, "5CBBE5D5", CARDS);
    assert.equal(started.answer, "started");
    assert.equal(mayCharge(started.permission, CARDS), true);
    const stopped = presentCard(started.permission, "5CBBE5D5", CARDS);
    assert.deepEqual([stopped.answer, mayCharge(stopped.permission, CARDS)], ["stopped", false]);
  });
  it("refuses an unknown card, and another known card while one has started", () => {
    assert.equal(presentCard(NOBODY, "DEADBEEF", CARDS).answer, "unknown");
    assert.equal(presentCard({ startedBy: "5CBBE5D5" }, "04A1B2C3D4E5F6", CARDS).answer, "notYours");
  });
  it("ends with unplugging, and when the card is taken off the list", () => {
    assert.equal(unplugged({ startedBy: "5CBBE5D5" }), NOBODY);
    assert.equal(mayCharge({ startedBy: "5CBBE5D5" }, { free: false, cards: [] }), false);
  });
});
