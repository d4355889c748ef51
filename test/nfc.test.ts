import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeCommand, type NfcReader, nextFrame, startReader, stepReader, uidOf } from "../src/nfc.js";
import { millis } from "../src/units.js";

const bytes = (hex: string) => Uint8Array.from(hex.split(" "), (one) => Number.parseInt(one, 16));
const CARD_4 = bytes("00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 5C BB E5 D5 FD 00");
const CARD_7 = bytes("00 00 FF 0F F1 D5 4B 01 01 00 44 00 07 04 7B CB 51 96 22 80 C0 00");
const ACK = bytes("00 00 FF 00 FF 00");
const frameOf = (line: Uint8Array) => nextFrame(line).frame;

describe("PN532 frames", () => {
  it("finds the UIDs of the captured answers", () => {
    const uids = [CARD_4, CARD_7].map((line) => {
      const frame = frameOf(line);
      return frame?.kind === "reply" ? uidOf(frame.payload) : null;
    });
    assert.deepEqual(uids, ["5CBBE5D5", "047BCB51962280"]);
  });
  it("makes a frame whose sums are zero", () => {
    assert.deepEqual(encodeCommand(0x4a, [1, 0]), bytes("00 00 FF 04 FC D4 4A 01 00 E1 00"));
  });
  it("passes over noise and a frame with a wrong sum, and finds the next", () => {
    const broken = Uint8Array.from(CARD_4);
    broken[13] = 0;
    assert.equal(frameOf(Uint8Array.from([1, 2, 3, ...broken, ...CARD_7]))?.kind, "reply");
  });
  it("takes any bytes without a throw and keeps little of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (line) => {
        let rest: Uint8Array = line;
        let frame = nextFrame(rest);
        while (frame.frame !== null) {
          rest = frame.rest;
          frame = nextFrame(rest);
        }
        return frame.rest.length <= 262;
      }),
    );
  });
});

describe("NFC reader", () => {
  const polling = () => ({ ...startReader(millis(0)), phase: "polling" as const });
  const poll = (reader: NfcReader, at: number, answer: Uint8Array) => {
    const asked = stepReader(reader, { kind: "tick" }, millis(at));
    return stepReader(asked.reader, { kind: "bytes", bytes: Uint8Array.from([...ACK, ...answer]) }, millis(at + 30));
  };
  const NO_CARD = bytes("00 00 FF 03 FD D5 4B 00 E0 00");
  it("counts a card held at the reader as one presentation", () => {
    const first = poll(polling(), 0, CARD_4);
    const second = poll(first.reader, 2_000, CARD_4);
    assert.deepEqual([first.presented, second.presented], ["5CBBE5D5", null]);
  });
  it("takes it as presented again once it was away for two polls", () => {
    let step = poll(polling(), 0, CARD_4);
    step = poll(step.reader, 2_000, NO_CARD);
    step = poll(step.reader, 4_000, NO_CARD);
    assert.equal(poll(step.reader, 6_000, CARD_4).presented, "5CBBE5D5");
  });
  it("wakes the reader anew after three unanswered commands", () => {
    let reader: NfcReader = polling();
    for (let at = 0; at < 8_000; at += 100) reader = stepReader(reader, { kind: "tick" }, millis(at)).reader;
    assert.equal(reader.phase, "waking");
  });
});
