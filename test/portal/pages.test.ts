import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { HtmlValidate } from "html-validate";
import { pagesOf } from "../../src/portal/layout.js";
import { SCRIPT } from "../../src/portal/script.js";
import { STYLE } from "../../src/portal/style.js";
import { encodeText } from "../../src/text.js";
import { CHARGER, METER } from "./model.js";
import { allPages, fresh, get } from "./pages.js";

const packed = (text: string): number => gzipSync(text).length;
const FIRST_LIMIT = 20_000;
const ALL_LIMIT = 60_000;
/** A page, its bytes and their copy must find room beside all else in the device's 64 KiB. */
const PAGE_LIMIT = 12_000;

describe("all pages of both devices", () => {
  it("are valid HTML, in both languages and in every state", function () {
    this.timeout(30_000);
    const validate = new HtmlValidate({
      extends: ["html-validate:recommended"],
      rules: {
        // The first page must be small: no space is spent on what browsers do not need.
        "long-title": "off",
        "no-trailing-whitespace": "off",
        // A hidden field and a label may say the same name in two forms of a page.
        "form-dup-name": "off",
        "no-implicit-input-type": "off",
        "no-inline-style": "error",
      },
    });
    const wrong = allPages().flatMap(({ name, html }) =>
      validate
        .validateStringSync(html)
        .results.flatMap(({ messages }) =>
          messages.map(
            ({ ruleId, message, offset }) => `${name}: ${ruleId} ${message} at ${html.slice(offset - 30, offset + 60)}`,
          ),
        ),
    );
    assert.deepEqual(wrong.slice(0, 12), []);
  });

  it("take 20 kB of the first page and its parts, 60 kB of all, both packed", () => {
    const assets = packed(STYLE) + packed(SCRIPT);
    const firsts = [get("/setup/1", fresh(CHARGER)), get("/"), get("/", METER)];
    for (const { response } of firsts) assert.ok(packed(response.body) + assets <= FIRST_LIMIT);
    const pages = [CHARGER, METER].flatMap((model) =>
      pagesOf(model.device).map(({ path }) => get(path, model).response.body),
    );
    assert.ok(pages.reduce((sum, one) => sum + packed(one), assets) <= ALL_LIMIT);
  });

  it("are each short enough for the device's RAM", () => {
    for (const { name, html } of allPages())
      assert.ok(encodeText(html).length <= PAGE_LIMIT, `${name}: ${html.length}`);
  });

  it("carry no style and no script of their own, load nothing from elsewhere, and label every input", () => {
    for (const { name, html } of allPages()) {
      assert.doesNotMatch(
        html,
        /<style|style=|<script(?! src="\/app\.js\?v=\w+" defer><)|\son[a-z]+="|@import|url\(/,
        name,
      );
      assert.doesNotMatch(
        html.replaceAll(/http:\/\/192\.168\.1\.20\//g, ""),
        /(?:src|href|action)="(?!\/|data:,")/,
        name,
      );
      for (const [, id = ""] of html.matchAll(/<(?:input|select|textarea) id="([^"]*)"/g)) {
        assert.ok(html.includes(`<label for="${id}"`), `${name}: ${id}`);
      }
    }
  });

  it("show no secret", () => {
    for (const { name, html } of allPages()) assert.doesNotMatch(html, /hush|0123456789abcdef|correct horse/, name);
  });
});
