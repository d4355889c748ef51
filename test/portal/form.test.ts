import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeForm, escapeContent, escapeHtml, fieldOf, parseForm } from "../../src/portal/form.js";

const text = fc.string({ unit: "grapheme", maxLength: 12 });

describe("portal form", () => {
  it("reads what browsers send", () => {
    assert.deepEqual(parseForm("a=1&b=x+y%26z&c=&d&e=%C3%A9"), {
      ok: true,
      fields: [
        ["a", "1"],
        ["b", "x y&z"],
        ["c", ""],
        ["d", ""],
        ["e", "é"],
      ],
    });
    assert.deepEqual(parseForm(""), { ok: true, fields: [] });
  });

  it("reads every form as the platform's parser does, and back", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        assert.deepEqual(parseForm(body), { ok: true, fields: pairs });
        assert.deepEqual(parseForm(encodeForm(pairs)), { ok: true, fields: pairs });
      }),
    );
  });

  it("reads many lines, as browsers send them", () => {
    const text = "a\r\n\r\n+ é\n%0A\r\n";
    assert.deepEqual(parseForm(encodeForm([["t", text]])), { ok: true, fields: [["t", text]] });
  });

  it("refuses a bad escape, bytes that are no text, and too many fields", () => {
    assert.deepEqual(parseForm("a=%4"), { ok: false, why: "badEscape" });
    assert.deepEqual(parseForm("a=%zz"), { ok: false, why: "badEscape" });
    assert.deepEqual(parseForm("a=%FF"), { ok: false, why: "notText" });
    assert.deepEqual(parseForm("a&".repeat(97)), { ok: false, why: "tooMany" });
  });

  it("never throws at any body", () => {
    const word = fc.constantFrom("%", "&", "=", "+", "%C3", "%41", "a", "__proto__", "é");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join("")),
        ),
        (body) => {
          const parsed = parseForm(body);
          if (parsed.ok) assert.ok(parsed.fields.length <= 96);
        },
      ),
    );
  });

  it("finds the first value of a field, and says null when it is not there", () => {
    assert.equal(
      fieldOf(
        [
          ["a", "1"],
          ["a", "2"],
        ],
        "a",
      ),
      "1",
    );
    assert.equal(fieldOf([], "a"), null);
  });

  it("leaves no tag in the text between tags, where quotes may stay", () => {
    assert.equal(escapeContent(`<a> & "b" 'c'`), `&lt;a&gt; &amp; "b" 'c'`);
  });

  it("leaves nothing in escaped text that could end a tag or an attribute", () => {
    assert.equal(escapeHtml(`<a href="x" b='y'>&`), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    fc.assert(fc.property(fc.string(), (any) => assert.doesNotMatch(escapeHtml(any), /[<>"']/)));
  });
});
