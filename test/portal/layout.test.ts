import assert from "node:assert/strict";
import { layout, listedPages, navigationOf, pagesOf, SETTINGS, STATUS, settingsBody } from "../../src/portal/layout.js";
import { CHARGER, METER, viewOf } from "./model.js";

describe("layout of the pages", () => {
  it("links the pages that are needed most, and marks the one that is shown", () => {
    const html = layout(viewOf(CHARGER), { page: SETTINGS }, "<p>body</p>");
    for (const { path } of navigationOf("charger")) assert.ok(html.includes(`href="${path}"`), path);
    assert.deepEqual(html.match(/<a [^>]*aria-current="page"[^>]*>[^<]*/g), [
      '<a href="/settings" aria-current="page">Settings',
    ]);
    assert.ok(html.includes("<p>body</p>"));
  });
  it("lists every other page behind the settings, each with what lies there", () => {
    for (const model of [CHARGER, METER]) {
      const html = settingsBody(viewOf(model));
      for (const { path } of listedPages(model.device)) assert.ok(html.includes(`href="${path}"`), path);
      assert.doesNotMatch(html, /<small><\/small>/);
    }
  });
  it("leads to every page from the navigation or the list", () => {
    for (const device of ["charger", "meter"] as const) {
      const reached = [...navigationOf(device), ...listedPages(device)];
      // The way to bring back settings stands on the page that keeps them, the board's diagnostics on the device's.
      const elsewhere = ["/restore", "/diagnostics"];
      const lost = pagesOf(device).filter((one) => !reached.includes(one) && !elsewhere.includes(one.path));
      assert.deepEqual(lost, []);
    }
  });
  it("gives a meter its own tabs, and no page of modes", () => {
    assert.deepEqual(
      navigationOf("meter").map((one) => one.path),
      ["/", "/network", "/mqtt", "/settings"],
    );
    assert.ok(!settingsBody(viewOf(METER)).includes('href="/mode"'));
  });
  it("links nothing before set-up is done, and nothing for those who are not let in", () => {
    const settings = { ...CHARGER.settings, setUp: false };
    assert.doesNotMatch(layout(viewOf({ ...CHARGER, settings }), { page: STATUS }, ""), /<nav/);
    assert.doesNotMatch(layout({ ...viewOf(CHARGER), csrf: "" }, { page: STATUS }, ""), /<nav/);
  });
  it("says the language of the page", () => {
    const settings = { ...CHARGER.settings, language: "pt" } as const;
    const html = layout(viewOf({ ...CHARGER, settings }), { page: SETTINGS }, "");
    assert.match(html, /<html lang="pt">.*<h1>Definições /);
  });
  it("shows the name of the device as text", () => {
    const settings = { ...CHARGER.settings, id: "<b>&" };
    const html = layout(viewOf({ ...CHARGER, settings }), { page: STATUS }, "");
    assert.ok(html.includes("<title>Status - &lt;b&gt;&amp;</title>"));
    assert.ok(!html.includes("<b>"));
  });
});
