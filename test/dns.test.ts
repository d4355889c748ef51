import assert from "node:assert/strict";
import fc from "fast-check";
import { answerName, type Ipv4 } from "../src/dns.js";

const HERE: Ipv4 = [192, 168, 4, 1];
const encode = (text: string): number[] => [...new TextEncoder().encode(text)];
const nameOf = (name: string): number[] =>
  name === "" ? [0] : [...name.split(".").flatMap((label) => [label.length, ...encode(label)]), 0];

/** A query as resolvers send it; `extra` are the bytes of an EDNS record. */
const query = (name: string, type = 1, flags = 0x0100, extra: readonly number[] = []): Uint8Array =>
  Uint8Array.of(
    0xab,
    0xcd,
    flags >> 8,
    flags & 255,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    extra.length > 0 ? 1 : 0,
    ...nameOf(name),
    0,
    type,
    0,
    1,
    ...extra,
  );

describe("names on the access point", () => {
  it("are all the device", () => {
    const asked = query("connectivitycheck.gstatic.com");
    const answer = answerName(asked, HERE);
    assert.ok(answer);
    assert.deepEqual([...answer.subarray(0, 12)], [0xab, 0xcd, 0x85, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
    assert.deepEqual(answer.subarray(12, asked.length), asked.subarray(12));
    assert.deepEqual([...answer.subarray(asked.length)], [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 168, 4, 1]);
  });
  it("have no other records than an address", () => {
    for (const type of [28, 65, 16, 255]) {
      const answer = answerName(query("captive.apple.com", type), HERE);
      assert.deepEqual([...(answer?.subarray(2, 8) ?? [])], [0x85, 0, 0, 1, 0, 0], `${type}`);
    }
  });
  it("are told without the extensions that a resolver offers", () => {
    const edns = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    assert.deepEqual(answerName(query("a.b", 1, 0x0100, edns), HERE), answerName(query("a.b"), HERE));
  });
  it("are not told to another kind of query, which is said", () => {
    assert.deepEqual([...(answerName(query("a.b", 1, 0x2800), HERE)?.subarray(2, 8) ?? [])], [0xac, 4, 0, 1, 0, 0]);
  });
  it("are the root too, and as long as a name may be", () => {
    assert.ok(answerName(query(""), HERE));
    assert.ok(answerName(query(Array.from({ length: 127 }, () => "a").join(".")), HERE));
    assert.equal(answerName(query(Array.from({ length: 128 }, () => "a").join(".")), HERE), null);
  });
  it("are told to nobody who asks nothing: a response, two questions, a broken or a compressed name, half a header", () => {
    const asked = query("a.b");
    const spoilt = (at: number, byte: number) =>
      answerName(
        asked.map((one, index) => (index === at ? byte : one)),
        HERE,
      );
    assert.deepEqual(
      [spoilt(2, 0x81), spoilt(5, 2), spoilt(7, 1), spoilt(12, 64), spoilt(12, 0xc0)],
      [null, null, null, null, null],
    );
    for (let length = 0; length < asked.length; length++)
      assert.equal(answerName(asked.subarray(0, length), HERE), null);
    assert.equal(answerName(new Uint8Array(513), HERE), null);
  });
  it("never make a throw, nor an answer longer than the question and one record, whatever comes", () => {
    const near = fc.tuple(fc.domain(), fc.uint8Array({ maxLength: 40 }), fc.nat(60)).map(([name, noise, at]) => {
      const bytes = query(name);
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), near), (bytes) => {
        const answer = answerName(bytes, HERE);
        if (answer === null) return;
        assert.ok(answer.length <= bytes.length + 16);
        assert.deepEqual(answer.subarray(0, 2), bytes.subarray(0, 2));
      }),
      { numRuns: 10_000 },
    );
  });
});
