import assert from "node:assert/strict";
import fc from "fast-check";
import { createAgenda } from "../hal/sim/plant/agenda.js";
import { createPn532 } from "../hal/sim/plant/pn532.js";
import {
  encodeCommand,
  type NfcEvent,
  type NfcReader,
  nextFrame,
  readerAnswers,
  startReader,
  stepReader,
  uidOf,
} from "../src/nfc.js";
import { millis } from "../src/units.js";

const bytes = (hex: string) => Uint8Array.from(hex.split(" "), (one) => Number.parseInt(one, 16));
const CARD_4 = bytes("00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 5C BB E5 D5 FD 00");
const CARD_7 = bytes("00 00 FF 0F F1 D5 4B 01 01 00 44 00 07 04 7B CB 51 96 22 80 C0 00");
const CARD_10 = bytes("00 00 FF 12 EE D5 4B 01 01 00 84 00 0A 01 02 03 04 05 06 07 08 09 10 13 00");
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
  it("finds a UID of ten bytes, none in an answer of two cards, of none, or with a UID of another length", () => {
    const frame = frameOf(CARD_10);
    assert.equal(frame?.kind === "reply" && uidOf(frame.payload), "01020304050607080910");
    for (const payload of [
      "00",
      "02 01 00 04 08 04 01 02 03 04 02 00 04 08 04 05 06 07 08",
      "01 01 00 04 08 05 01 02 03 04 05",
      "01 01 00 04 08 04 01 02 03",
    ]) {
      assert.equal(uidOf(bytes(payload)), null, payload);
    }
  });
  it("tells the chip's word that it did not understand", () => {
    assert.deepEqual(frameOf(bytes("00 00 FF 01 FF 7F 81 00")), { kind: "error" });
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

describe("NFC reader on a bad line", () => {
  const COMMANDS = [0x14, 0x32, 0x4a];
  const reply = (command: number): Uint8Array => {
    if (command === 0x4a) return CARD_7;
    const sum = -(0xd5 + command + 1) & 0xff;
    return Uint8Array.of(0, 0, 0xff, 2, 0xfe, 0xd5, command + 1, sum, 0);
  };
  const asked = () => {
    const polling: NfcReader = { ...startReader(millis(0)), phase: "polling" };
    return stepReader(polling, { kind: "tick" }, millis(0)).reader;
  };
  /** Runs with a chip that answers 20 ms after each command, until a card is presented; null when none is. */
  const presentedAfter = (start: NfcReader, from: number, ms: number): number | null => {
    let reader = start;
    let due: { readonly at: number; readonly command: number } | null = null;
    for (let now = from; now < from + ms; now += 10) {
      const event: NfcEvent =
        due !== null && due.at <= now
          ? { kind: "bytes", bytes: Uint8Array.from([...ACK, ...reply(due.command)]) }
          : { kind: "tick" };
      if (event.kind === "bytes") due = null;
      const step = stepReader(reader, event, millis(now));
      reader = step.reader;
      if (step.presented !== null) return now - from;
      if (step.send !== null) due = { at: now + 20, command: step.send[step.send.indexOf(0xd4) + 1] ?? 0 };
    }
    return null;
  };
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(ACK, CARD_4.slice(0, 9), CARD_7.slice(5), new Uint8Array(300)),
    fc.constantFrom(bytes("00 00 FF FF 01"), bytes("00 FF 80 80 D5"), bytes("00 00 FF 01 FF 7F 81 00")),
    fc.constantFrom(...COMMANDS.map(reply)),
  );

  it("wakes the chip, sets it up and polls", () => {
    assert.ok((presentedAfter(startReader(millis(0)), 0, 1_000) ?? 1_000) < 200);
  });
  it("finds the card in every split of an answer, with noise between its frames", () => {
    const quiet = fc.array(fc.constantFrom(0, 1, 0x55, 0x80, 0xd5), { maxLength: 12 });
    fc.assert(
      fc.property(
        quiet,
        quiet,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (before, between, steps) => {
          let reader = asked();
          const line = Uint8Array.from([...before, ...ACK, ...between, ...CARD_4]);
          const seen: string[] = [];
          for (let at = 0, turn = 0; at < line.length; turn++) {
            const end = at + (steps[turn % steps.length] ?? 1);
            const step = stepReader(reader, { kind: "bytes", bytes: line.slice(at, end) }, millis(50));
            reader = step.reader;
            if (step.presented !== null) seen.push(step.presented);
            at = end;
          }
          assert.deepEqual(seen, ["5CBBE5D5"]);
        },
      ),
    );
  });
  it("never throws, keeps at most 280 bytes, and finds a card within 2 s of the line's becoming good", () => {
    const event: fc.Arbitrary<NfcEvent> = fc.oneof(
      fc.constant({ kind: "tick" } as const),
      noise.map((bytes) => ({ kind: "bytes", bytes }) as const),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.constantFrom(0, 20, 199, 500)), { maxLength: 40 }), (events) => {
        let reader = startReader(millis(0));
        let now = 0;
        for (const [one, wait] of events) {
          now += wait;
          reader = stepReader(reader, one, millis(now)).reader;
          assert.ok(reader.heard.length <= 280);
        }
        assert.ok(presentedAfter({ ...reader, card: null }, now, 2_000) !== null);
      }),
      { numRuns: 500 },
    );
  });
  it("passes over an answer to another command, and hears the card behind it in the same bytes", () => {
    const line = Uint8Array.from([...reply(0x14), ...ACK, ...CARD_4]);
    assert.equal(stepReader(asked(), { kind: "bytes", bytes: line }, millis(50)).presented, "5CBBE5D5");
    assert.equal(stepReader(asked(), { kind: "bytes", bytes: reply(0x14) }, millis(50)).reader.phase, "polling");
  });
  it("takes no card from a frame with any byte changed to any other", () => {
    for (const card of [CARD_4, CARD_7, CARD_10]) {
      for (let at = 0; at < card.length; at++) {
        for (let value = 0; value < 256; value++) {
          if (value === card[at]) continue;
          const broken = Uint8Array.from(card);
          broken[at] = value;
          const { presented } = stepReader(asked(), { kind: "bytes", bytes: broken }, millis(50));
          assert.equal(presented, null, `byte ${at} as ${value}`);
        }
      }
    }
  });
  it("sets the chip up anew when it does not understand", () => {
    const step = stepReader(asked(), { kind: "bytes", bytes: bytes("00 00 FF 01 FF 7F 81 00") }, millis(50));
    assert.deepEqual([step.reader.phase, step.reader.nextAt], ["waking", 400]);
  });
  it("says that it answers only while it polls and nothing has failed", () => {
    assert.ok(readerAnswers(asked()));
    assert.ok(!readerAnswers(startReader(millis(0))));
    assert.ok(!readerAnswers(stepReader(asked(), { kind: "tick" }, millis(200)).reader));
  });
});

describe("NFC reader with its chip", () => {
  /** Ticks as the controller's machine does, each 100 ms; a chip that answers as the plant's. */
  function desk() {
    const agenda = createAgenda();
    const presented: [uid: string, at: number][] = [];
    let reader = startReader(millis(0));
    let sent: number[] = [];
    let heard: number[] = [];
    const chip = createPn532(agenda, (line) => {
      heard.push(line.length);
      take({ kind: "bytes", bytes: line });
    });
    function take(event: NfcEvent): void {
      const step = stepReader(reader, event, millis(agenda.now()));
      reader = step.reader;
      if (step.presented !== null) presented.push([step.presented, agenda.now()]);
      if (step.send === null) return;
      sent.push(step.send.length);
      chip.write(step.send);
    }
    const tick = (): void => {
      take({ kind: "tick" });
      agenda.after(100, tick);
    };
    agenda.after(0, tick);
    const pass = (ms: number): void => agenda.run(agenda.now() + ms);
    const bytesOnLine = (): number => {
      const all = [...sent, ...heard].reduce((sum, one) => sum + one, 0);
      sent = [];
      heard = [];
      return all;
    };
    return { chip, agenda, presented, pass, bytesOnLine, reader: () => reader };
  }
  const UIDS = ["5CBBE5D5", "047BCB51962280", "01020304050607080910"];

  it("tells a card within half a second of its coming, whenever it comes and however long its UID", () => {
    for (const uid of UIDS) {
      for (let at = 0; at < 500; at += 7) {
        const { chip, presented, pass, agenda } = desk();
        pass(2_000 + at);
        const came = agenda.now();
        chip.present(uid, 3_000);
        pass(5_000);
        assert.equal(presented.length, 1);
        assert.equal(presented[0]?.[0], uid);
        assert.ok((presented[0]?.[1] ?? 9_999) - came <= 450, `${presented[0]?.[1]} - ${came}`);
      }
    }
  });
  it("keeps the line busy for at most 30 ms in any second, with the longest UID on it", () => {
    const { chip, pass, bytesOnLine } = desk();
    chip.present("01020304050607080910", 60_000);
    pass(2_000);
    bytesOnLine();
    for (let second = 0; second < 20; second++) {
      pass(1_000);
      const ms = (bytesOnLine() * 10 * 1_000) / 115_200;
      assert.ok(ms > 5 && ms <= 30, `${ms} ms`);
    }
  });
  it("takes a card that is held for a minute as one presentation, and again as the next", () => {
    const { chip, presented, pass } = desk();
    chip.present("5CBBE5D5", 60_000);
    pass(62_000);
    chip.present("5CBBE5D5", 600);
    pass(3_000);
    assert.deepEqual(
      presented.map(([uid]) => uid),
      ["5CBBE5D5", "5CBBE5D5"],
    );
  });
  it("takes two cards at once as none, and the one that stays as itself", () => {
    const { chip, presented, pass } = desk();
    pass(1_000);
    chip.present("5CBBE5D5", 2_000);
    chip.present("047BCB51962280", 5_000);
    pass(1_900);
    assert.equal(presented.length, 0);
    pass(3_000);
    assert.deepEqual(
      presented.map(([uid]) => uid),
      ["047BCB51962280"],
    );
  });
  it("takes a held card that a second one comes and goes beside as one presentation", () => {
    const { chip, presented, pass } = desk();
    chip.present("5CBBE5D5", 20_000);
    for (let at = 0; at < 5; at++) {
      pass(1_700);
      chip.present("047BCB51962280", 1_300);
      pass(1_900);
    }
    assert.equal(presented.length, 1);
  });
  it("finds the next card within 3 s of the chip's power, however long it was away, and asks all the time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 0, max: 5_000 }), (away, before) => {
        const { chip, presented, pass, reader } = desk();
        pass(before);
        chip.power(false);
        pass(away);
        chip.power(true);
        pass(3_000);
        assert.ok(readerAnswers(reader()));
        chip.present("5CBBE5D5", 1_000);
        pass(1_000);
        assert.equal(presented.length, 1);
      }),
    );
  });
  it("takes a card that lay there through a short absence of the chip as held, and after 10 s as new", () => {
    for (const [away, times] of [
      [4_000, 1],
      [14_000, 2],
    ] as const) {
      const { chip, presented, pass } = desk();
      chip.present("5CBBE5D5", 60_000);
      pass(2_000);
      chip.power(false);
      pass(away);
      chip.power(true);
      pass(5_000);
      assert.equal(presented.length, times);
    }
  });
});
