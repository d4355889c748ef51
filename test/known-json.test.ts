import assert from "node:assert/strict";
import fc from "fast-check";
import { readKnownJson } from "../src/known-json.js";

const all = (): boolean => true;
const read = (text: string) => readKnownJson(text, all);

describe("JSON that somebody pasted", () => {
  it("is read as the platform reads it", () => {
    const key = fc.stringMatching(/^[a-z]{1,3}$/);
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(
      leaf,
      fc.array(leaf),
      fc.dictionary(key, fc.oneof(leaf, fc.array(leaf)), { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, 2), (any, indent) => {
        const text = JSON.stringify(any, null, indent);
        assert.deepEqual(read(text), { ok: true, value: JSON.parse(text) });
      }),
    );
  });
  it("tells the line where it is broken", () => {
    const lineOf = (text: string) => {
      const result = read(text);
      return result.ok ? null : `${result.why} ${result.line}`;
    };
    assert.equal(lineOf('{\n"a": 1,\n"b": x\n}'), "broken 3");
    assert.equal(lineOf('{\n"a": 1\n"b": 2\n}'), "broken 3");
    assert.equal(lineOf('{\n"a": [1,\n2\n'), "broken 4");
    assert.equal(lineOf("{}\n\n}"), "broken 3");
    assert.equal(lineOf(""), "broken 1");
    assert.equal(lineOf('{"a": "x\ny"}'), "broken 1");
    assert.equal(lineOf("[01]"), "broken 1");
    assert.equal(lineOf("[[[[[[[[1]]]]]]]]"), "broken 1");
  });
  it("refuses a name that is not known before it becomes a key, and tells its line", () => {
    const known = (name: string): boolean => name === "a";
    assert.deepEqual(readKnownJson('{"a": {"a": 1}}', known), { ok: true, value: { a: { a: 1 } } });
    assert.deepEqual(readKnownJson('{"a": 1,\n"b": 2}', known), { ok: false, why: "unknown", line: 2 });
    assert.deepEqual(readKnownJson('{"__proto__": 1}', known), { ok: false, why: "unknown", line: 1 });
  });
  it("leaves out the values of names that are not wanted, and reads the others beside them", () => {
    const wanted = (name: string): boolean | null => (name === "a" ? true : null);
    const text = '{"x": {"a": 1, "y": [2]}, "a": {"z": "w", "a": 3}}';
    const result = readKnownJson(text, wanted);
    assert.deepEqual(result, { ok: true, value: { "": { a: 1, "": [2] }, a: { "": "w", a: 3 } } });
    assert.equal(readKnownJson(text.slice(0, -1), wanted).ok, false);
  });
  it("answers any text without a throw", () => {
    const word = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      '"a"',
      "1",
      "-",
      "true",
      " ",
      "\n",
      "\\u12",
      "e9",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          const result = read(text);
          if (result.ok) assert.deepEqual(result.value, JSON.parse(text));
        },
      ),
    );
  });
});
