import assert from "node:assert/strict";
import fc from "fast-check";
import { numberAt, type Path, parsePath } from "../src/json-path.js";

const pathOf = (text: string): Path => {
  const path = parsePath(text);
  assert.ok(path !== null, text);
  return path;
};
describe("a path in JSON", () => {
  it("is names joined by points, and places of lists in brackets", () => {
    assert.deepEqual(parsePath(""), []);
    assert.deepEqual(parsePath("a_current"), ["a_current"]);
    assert.deepEqual(parsePath("em1:0.act_power"), ["em1:0", "act_power"]);
    assert.deepEqual(parsePath("ENERGY.Power[2]"), ["ENERGY", "Power", 2]);
    assert.deepEqual(parsePath("data[0].value"), ["data", 0, "value"]);
    assert.deepEqual(parsePath("[1][12]"), [1, 12]);
    assert.deepEqual(parsePath("1-0:1.7"), ["1-0:1", "7"]);
  });
  it("has no empty name, no open bracket and no more than 7 parts", () => {
    for (const text of [".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a]b", "[1]a", "a[1234]", "a.b.c.d.e.f.g.h"]) {
      assert.equal(parsePath(text), null, text);
    }
    assert.equal(parsePath("a.b.c.d.e.f.g")?.length, 7);
  });
});

describe("a number in what JSON told", () => {
  it("stands where its path leads", () => {
    const value = { a: { b: [1, { c: -2.5 }] }, "em:0": { x: 30 }, t: "-4.25" };
    const at = (path: string) => numberAt(value, pathOf(path));
    assert.deepEqual([at("a.b[1].c"), at("em:0.x"), at("a.b[0]"), at("t")], [-2.5, 30, 1, -4.25]);
    assert.deepEqual([numberAt(7, []), numberAt([5], [0])], [7, 5]);
  });
  it("is none where there is another value, or nothing", () => {
    const value = {
      a: null,
      b: "unavailable",
      c: { d: 1 },
      e: [1],
      f: Number.POSITIVE_INFINITY,
      g: true,
      h: "1 W",
      i: "",
    };
    for (const path of ["a", "b", "c", "e", "f", "g", "h", "i", "x", "c.x", "e[1]", "a.b", "", "c.d.e", "e.length"]) {
      assert.equal(numberAt(value, pathOf(path)), null, path);
    }
    for (const path of ["constructor", "__proto__", "toString.length", "b.length", "b[0]", "c[0]"]) {
      assert.equal(numberAt(value, pathOf(path)), null, path);
    }
  });
  it("is sought in any value, on any path, without a throw", () => {
    const part = fc.constantFrom<string | number>("a", "length", "__proto__", 0, 1);
    const { any } = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.double(), fc.string(), fc.constantFrom(null, true, "2.5", "-0", "1e3")),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "length", "b"), tie("any")),
      ),
    }));
    fc.assert(
      fc.property(any, fc.array(part, { maxLength: 4 }), (value, path) => {
        const found = numberAt(value, path);
        assert.ok(found === null || Number.isFinite(found));
      }),
    );
  });
});
