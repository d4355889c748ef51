import assert from "node:assert/strict";
import fc from "fast-check";
import { KIND, orderOf, PARTS, recordOf } from "../src/site-book.js";
import { type BookMessage, decodeBook, encodeBook, PAGE_LIMIT } from "../src/site-book-message.js";

const u32 = fc.constantFrom(0, 1, 0xffff_ffff);
const parts = fc.constantFrom(0, 1, 0x8000, 0xffff);
const place = fc.constantFrom(0, orderOf(KIND.person, 7), orderOf(KIND.usage, 0xffff_ffff));
const records = fc
  .array(fc.constantFrom(recordOf(1, 7, 1, Uint8Array.of(1, 2)), recordOf(2, 0xffff_ffff, 3, new Uint8Array(0))))
  .map((list) => Uint8Array.from(list.flatMap((one) => [...one])));
const PLAIN = { noNullPrototype: true } as const;

const message: fc.Arbitrary<BookMessage> = fc.oneof(
  fc
    .tuple(u32, u32)
    .map(([sender, one]) => ({ kind: "announce", sender, digest: new Uint32Array(PARTS).fill(one) }) as const),
  fc.record({ kind: fc.constant("ask" as const), sender: u32, to: u32, parts, from: place }, PLAIN),
  fc.record({ kind: fc.constant("page" as const), sender: u32, parts, from: place, next: place, records }, PLAIN),
  fc.record({ kind: fc.constant("news" as const), sender: u32, records }, PLAIN),
);

describe("messages about the book", () => {
  it("come back as they were sent", () => {
    fc.assert(fc.property(message, (one) => assert.deepEqual(decodeBook(encodeBook(one)), one)));
  });
  it("that end early are refused, or have whole records less", () => {
    fc.assert(
      fc.property(message, (one) => {
        const bytes = encodeBook(one);
        for (let length = 0; length < bytes.length; length++) {
          const found = decodeBook(bytes.subarray(0, length));
          if (found !== null) assert.ok("records" in found && found.records.length % 2 === 0);
        }
      }),
      { numRuns: 30 },
    );
  });
  it("of any bytes are read or refused, never thrown, and what is read holds whole records", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(5), (bytes, kind) => {
        const found = decodeBook(Uint8Array.of(kind, ...bytes));
        if (found === null) return;
        const again = decodeBook(encodeBook(found));
        assert.deepEqual(again, found);
      }),
      { numRuns: 300 },
    );
  });
  it("are never longer than one datagram", () => {
    const full = { kind: "page", sender: 1, parts: 1, from: 1, next: 1, records: new Uint8Array(PAGE_LIMIT) } as const;
    assert.ok(encodeBook(full).length < 1_000);
    assert.equal(decodeBook(new Uint8Array(1_000)), null);
  });
});
