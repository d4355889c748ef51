import assert from "node:assert/strict";
import fc from "fast-check";
import { writeBytes } from "../src/bytes.js";
import { MAC_SIZE, macOf } from "../src/mac.js";
import type { Range } from "../src/ranges.js";
import {
  type Demand,
  decode,
  type Entry,
  encode,
  FORMAT,
  type Head,
  MESSAGE_LIMIT,
  METER,
  type Report,
  type SiteMessage,
} from "../src/sharing-message.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { demandOf, entryOf, KEY, reportOf, rows, STRANGE_KEY, wantsOf } from "./site.js";

const HEAD: Head = { format: FORMAT, site: 0xdead_beef, siteVersion: 7 };
const range = (from: number, to: number, phase = 1): Range => ({ phase, from, to });

/** Records with the prototype that a reader's have. */
const PLAIN = { noNullPrototype: true } as const;

const tenths = fc.constantFrom(0, 59, 60, 125, 6_300).map(deciamps);
const u32 = fc.constantFrom(0, 1, 77, 0xffff_ffff);
const stampOf = fc.constantFrom(0, 5_000, 2 ** 40);
/** Ranges of one place: disjoint from those of every other. */
const rangesAt = (place: number) =>
  fc
    .array(fc.constantFrom(1, 2, 3), { maxLength: 3 })
    .map((phases) =>
      phases.map((phase, index) => range(place * 100 + index * 10, place * 100 + index * 10 + 7, phase)),
    );

const entryAt = (place: number, stamp: number): fc.Arbitrary<Entry> =>
  fc
    .record({
      nonce: u32,
      number: u32,
      heardAt: fc.option(fc.constantFrom(0, 40, 2_000)),
      lasts: fc.constantFrom(0, 1, 10_000, 30_000),
      amps: tenths,
      ranges: rangesAt(place),
      because: fc.constantFrom("none" as const, "share" as const, "site" as const, "solar" as const),
      nextTurnS: fc.option(fc.constantFrom(0, 900, 60_000)),
      twins: fc.boolean(),
    })
    .map(({ heardAt, lasts, ...one }) => ({
      ...one,
      heardAt: heardAt === null ? null : millis(stamp + 20 - heardAt),
      until: millis(stamp + lasts),
    }));

const report: fc.Arbitrary<Report> = fc
  .tuple(stampOf, fc.constantFrom(1, 3), fc.nat(3))
  .chain(([stamp, phases, count]) =>
    fc.record(
      {
        term: u32,
        boot: u32,
        arbiter: fc.constantFrom(0, 63, METER),
        renewsOnly: fc.boolean(),
        stamp: fc.constant(millis(stamp)),
        sentAt: fc.constant(millis(stamp + 20)),
        version: u32,
        budget: fc.array(tenths, { minLength: phases, maxLength: phases }),
        house: fc.array(tenths, { minLength: phases, maxLength: phases }),
        solar: fc.option(fc.array(tenths, { minLength: phases, maxLength: phases })),
        entries: fc.tuple(...Array.from({ length: count }, (_, place) => entryAt(place, stamp))),
      },
      PLAIN,
    ),
  );

const demand: fc.Arbitrary<Demand> = fc.record(
  {
    id: fc.constantFrom("a", "charger-1", "x".repeat(32)),
    nonce: u32,
    number: u32,
    boot: u32,
    term: u32,
    arbiter: fc.constantFrom(0, METER),
    echo: stampOf.map(millis),
    accepted: u32,
    held: rangesAt(0),
    wants: fc
      .record({
        wiring: fc.constantFrom([1], [3], [1, 2, 3]),
        max: tenths,
        need: tenths,
        priority: fc.constantFrom(0, 9),
        waitingS: fc.constantFrom(0, 65_535),
        turn: fc.constantFrom(0, 900),
        mode: fc.constantFrom("auto" as const, "manual" as const, "solar" as const),
      })
      .map(wantsOf),
    draws: fc.constantFrom([0], [16_000, 0, 4_000_000_000]).map((list) => list.map(milliamps)),
    age: fc.constantFrom(0, 65_535).map(millis),
    offer: tenths,
    uptime: fc.constantFrom(0, 0xffff_ffff).map(millis),
  },
  PLAIN,
);

const message: fc.Arbitrary<SiteMessage> = fc.oneof(
  report.map((one) => ({ kind: "report", report: one }) as const),
  demand.map((one) => ({ kind: "demand", demand: one }) as const),
  fc
    .record({ term: u32, boot: u32, arbiter: fc.constantFrom(0, 63), sentAt: stampOf.map(millis) }, PLAIN)
    .map((call) => ({ kind: "call", call }) as const),
  fc.constantFrom("", "{}", '{"siteId":"cafe-é"}').map((json) => ({ kind: "config", json }) as const),
  fc.constantFrom([], [0], [1, 2, 0xff]).map((list) => ({ kind: "book", bytes: Uint8Array.from(list) }) as const),
);

const whyOf = (bytes: Uint8Array): string => {
  const decoded = decode(bytes, KEY);
  return decoded.ok ? "ok" : decoded.why;
};
/** The same bytes with a proof that fits them. */
const proven = (body: Uint8Array): Uint8Array => Uint8Array.of(...body, ...macOf(KEY, body));
const bodyOf = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length - MAC_SIZE);
const SOME: SiteMessage = {
  kind: "report",
  report: reportOf(5_000, [entryOf({ ranges: [range(0, 60)], until: millis(15_000) })]),
};

describe("messages of a site", () => {
  it("come back as they were sent", () => {
    fc.assert(
      fc.property(message, (one) => {
        assert.deepEqual(decode(encode(HEAD, one, KEY), KEY), { ok: true, head: HEAD, message: one });
      }),
      { numRuns: 200 },
    );
  });
  it("are refused when they end early, wherever", () => {
    fc.assert(
      fc.property(message, (one) => {
        const bytes = encode(HEAD, one, KEY);
        for (let length = 0; length < bytes.length; length++) {
          assert.notEqual(whyOf(bytes.subarray(0, length)), "ok", `${length} bytes`);
        }
      }),
      { numRuns: 8 },
    );
  });
  it("are refused when they end early and were proven so: no half of a message is read", () => {
    fc.assert(
      fc.property(message, (one) => {
        const body = bodyOf(encode({ ...HEAD, format: 1 }, one, KEY));
        for (let length = 0; length < body.length; length++) {
          assert.notEqual(whyOf(proven(body.subarray(0, length))), "ok", `${length} bytes`);
        }
      }),
      { numRuns: 8 },
    );
  });
  it("are refused with any one bit changed", () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, random) => {
        const bytes = encode(HEAD, one, KEY);
        const bit = random % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.notEqual(whyOf(bytes), "ok");
      }),
    );
  });
  it("are refused without the site's key", () => {
    assert.equal(whyOf(encode(HEAD, SOME, STRANGE_KEY)), "forged");
  });
  it("are refused above 4 KiB, and when they are none", () => {
    assert.equal(whyOf(new Uint8Array(MESSAGE_LIMIT + 1)), "tooLong");
    assert.equal(whyOf(new Uint8Array(0)), "noMessage");
    assert.equal(whyOf(proven(Uint8Array.of(1, 2, 3, 4, 5))), "noMessage");
    const strange = bodyOf(encode(HEAD, SOME, KEY));
    strange[2] = 9;
    assert.equal(whyOf(proven(strange)), "noMessage");
  });
  it("never throw, whatever comes, proven or not", () => {
    const noise = fc.uint8Array({ maxLength: 80 });
    const headed = noise.map((bytes) => Uint8Array.of(0x49, 0x45, (bytes[0] ?? 0) & 7, 2, 1, ...bytes));
    fc.assert(
      fc.property(fc.oneof(noise, headed), (bytes) => {
        assert.notEqual(whyOf(bytes), "ok");
        assert.equal(typeof decode(proven(bytes), KEY).ok, "boolean");
      }),
    );
  });
  it("hold 64 chargers with ten ranges each, and a configuration of 64 chargers", () => {
    const entries = rows(64).map((_, place) =>
      entryOf({
        ranges: Array.from({ length: 10 }, (_one, at) => range(place * 90 + at * 9, place * 90 + at * 9 + 4)),
      }),
    );
    const full = encode(HEAD, { kind: "report", report: reportOf(0, entries) }, KEY);
    assert.ok(full.length <= MESSAGE_LIMIT);
    assert.equal(whyOf(full), "ok");
  });
});

describe("messages of other software", () => {
  it("of a newer one are read, and what it adds is passed over", () => {
    fc.assert(
      fc.property(message, (one) => {
        const head = { ...HEAD, format: FORMAT + 1 };
        assert.deepEqual(decode(encode(head, one, KEY), KEY), { ok: true, head, message: one });
      }),
      { numRuns: 40 },
    );
  });
  it("of an older one are read without what they do not say: reasons, next turns, uptimes", () => {
    const told = entryOf({ because: "solar", nextTurnS: 60, ranges: [range(0, 60)] });
    const old = decode(encode({ ...HEAD, format: 1 }, { kind: "report", report: reportOf(0, [told]) }, KEY), KEY);
    assert.ok(old.ok && old.message.kind === "report");
    assert.deepEqual(old.message.report.entries, [{ ...told, because: "share", nextTurnS: null }]);
    const asks: SiteMessage = { kind: "demand", demand: demandOf("a", { uptime: millis(9) }) };
    const demanded = decode(encode({ ...HEAD, format: 1 }, asks, KEY), KEY);
    assert.ok(demanded.ok && demanded.message.kind === "demand");
    assert.equal(demanded.message.demand.uptime, 0);
  });
  it("are refused by name when they cannot be read", () => {
    const body = bodyOf(encode(HEAD, SOME, KEY));
    const [format, least] = [3, 4];
    const newer = body.slice();
    newer[least] = FORMAT + 1;
    assert.equal(whyOf(proven(newer)), "otherFormat");
    const older = body.slice();
    older[format] = 0;
    assert.equal(whyOf(proven(older)), "otherFormat");
  });
});

describe("a report", () => {
  const withEntries = (...entries: readonly Partial<Entry>[]): Uint8Array =>
    encode(HEAD, { kind: "report", report: reportOf(0, entries.map(entryOf), { arbiter: 3 }) }, KEY);
  it("that gives one ampere to two chargers is refused, and its sender named", () => {
    const twice = withEntries({ ranges: [range(0, 60)] }, { ranges: [range(59, 120)] });
    assert.deepEqual(decode(twice, KEY), { ok: false, why: "twoOwners", sender: 3 });
    const itself = withEntries({ ranges: [range(0, 60), range(10, 20)] });
    assert.equal(whyOf(itself), "twoOwners");
    assert.equal(whyOf(withEntries({ ranges: [range(0, 60)] }, { ranges: [range(0, 60, 2)] })), "ok");
  });
  it("is malformed with an empty range, a phase that nobody has, or two phases", () => {
    assert.equal(whyOf(withEntries({ ranges: [range(60, 60)] })), "malformed");
    assert.equal(whyOf(withEntries({ ranges: [range(0, 60, 0)] })), "malformed");
    const two = reportOf(0, [], { budget: [deciamps(1), deciamps(1)], house: [deciamps(1), deciamps(1)] });
    assert.equal(whyOf(encode(HEAD, { kind: "report", report: two }, KEY)), "malformed");
  });
  it("is malformed with more chargers than a site can have", () => {
    const many = reportOf(
      0,
      Array.from({ length: 65 }, () => entryOf()),
    );
    assert.equal(whyOf(encode(HEAD, { kind: "report", report: many }, KEY)), "malformed");
  });
  it("is judged the same by who keeps one entry of it as by who keeps all, whatever its bytes", () => {
    const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(report, changes, fc.nat(3), (one, list, place) => {
        const body = bodyOf(encode(HEAD, { kind: "report", report: one }, KEY));
        for (const [at, byte] of list) if (at >= 14 && at < body.length) body[at] = byte;
        const [all, own] = [decode(proven(body), KEY), decode(proven(body), KEY, place)];
        const entryIn = (decoded: typeof all) =>
          decoded.ok && decoded.message.kind === "report" ? decoded.message.report.entries[place] : null;
        assert.deepEqual([own.ok, own.ok || own.why], [all.ok, all.ok || all.why]);
        assert.deepEqual(entryIn(own), entryIn(all));
      }),
      { numRuns: 2_000 },
    );
  });
  it("says an age of up to 65 s, and of an older demand only that it is old", () => {
    const heard = withEntries({ heardAt: millis(-70_000) });
    const decoded = decode(heard, KEY);
    assert.ok(decoded.ok && decoded.message.kind === "report");
    assert.equal(decoded.message.report.entries[0]?.heardAt, -65_534);
  });
});

describe("a demand", () => {
  it("is malformed without a phase, and with draws of two", () => {
    const said = (over: Partial<Demand>) => whyOf(encode(HEAD, { kind: "demand", demand: demandOf("a", over) }, KEY));
    assert.equal(said({ wants: wantsOf({ wiring: [] }) }), "malformed");
    assert.equal(said({ draws: [milliamps(1), milliamps(2)] }), "malformed");
    assert.equal(said({}), "ok");
  });
});

describe("a message that is too long to be one", () => {
  it("is a bug, and says so at once", () => {
    assert.throws(() => encode(HEAD, { kind: "config", json: "x".repeat(5_000) }, KEY), RangeError);
    assert.throws(() => writeBytes(1).u16(0), RangeError);
  });
});
