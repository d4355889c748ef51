import assert from "node:assert/strict";
import { layout, pagesOf } from "../../src/portal/layout.js";
import { CHARGER, METER } from "./model.js";

describe("layout of the pages", () => {
  const page = (at: number) => {
    const found = pagesOf("charger")[at];
    assert.ok(found);
    return found;
  };
  it("links every page of the device, and marks the one that is shown", () => {
    const html = layout(CHARGER, page(1), "<p>body</p>");
    for (const { path, title } of pagesOf("charger"))
      assert.ok(html.includes(`href="${path}"`) && html.includes(title));
    assert.deepEqual(html.match(/<a [^>]*aria-current="page"[^>]*>[^<]*/g), [
      '<a href="/mode" aria-current="page">Mode',
    ]);
    assert.ok(html.includes("<p>body</p>"));
  });
  it("gives a meter no page of modes", () => {
    assert.deepEqual(
      pagesOf("meter").map((one) => one.path),
      ["/", "/home", "/network", "/mqtt"],
    );
    assert.ok(!layout(METER, page(0), "").includes('href="/mode"'));
  });
  it("loads itself again only where it is told to", () => {
    assert.match(layout(CHARGER, page(0), "", 5), /http-equiv="refresh" content="5"/);
    assert.doesNotMatch(layout(CHARGER, page(0), ""), /http-equiv="refresh"/);
  });
  it("shows the name of the device as text", () => {
    const settings = { ...CHARGER.settings, id: "<b>&" };
    const html = layout({ ...CHARGER, settings }, page(0), "");
    assert.ok(html.includes("<title>Status - &lt;b&gt;&amp;</title>"));
    assert.ok(!html.includes("<b>"));
  });
});
