import assert from "node:assert/strict";
import { money } from "../../src/money.js";
import type { ChargerModel } from "../../src/portal/model.js";
import { vatWithin } from "../../src/statement.js";
import { ANA, BOOK, CONDOMINIUM, condominium, MONTH, personNamed, restOf, SETTINGS, session } from "./condominium.js";
import { get, statementOf } from "./pages.js";

const { id: ana } = personNamed(BOOK, "Ana");
const reportOf = (path: string, model: ChargerModel = CONDOMINIUM) => {
  const [act] = get(path, model).acts;
  assert.ok(act?.kind === "report", path);
  return act.report;
};
const headerOf = (path: string, wanted: string): string | undefined =>
  get(path, CONDOMINIUM).response.headers.find(([name]) => name === wanted)?.[1];

describe("sessions page", () => {
  it("shows the session that goes on, with its person and its cost so far", () => {
    const { body } = get("/sessions", CONDOMINIUM).response;
    assert.match(body, /<dd>Ana<[/]dd>.*<dd>60 min<[/]dd>.*<dd>12[.]34 kWh<[/]dd>.*<dd>1[.]23 €<[/]dd>/);
    assert.match(get("/sessions", condominium({ session: null })).response.body, /Nobody charges now/);
  });
  it("offers this month and the eleven before, all of them, and everybody", () => {
    const choices = (model: ChargerModel, name: string) => {
      const { body } = get("/sessions", model).response;
      const list = new RegExp(`<select id="${name}".*?</select>`).exec(body)?.[0] ?? "";
      return [...list.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value);
    };
    const months = choices(CONDOMINIUM, "month");
    assert.deepEqual([months.length, months[0], months[11], months[12]], [13, "2026-11", "2025-12", "all"]);
    const people = { ...CONDOMINIUM.charger.people, month: null };
    assert.deepEqual(choices(condominium({ people }), "month"), ["all"]);
    assert.deepEqual(choices(condominium({ people: { ...people, month: 1 } }), "month"), ["2020-02", "2020-01", "all"]);
    assert.deepEqual([choices(CONDOMINIUM, "person")[0], choices(CONDOMINIUM, "person").length], ["all", 5]);
  });
});

describe("statement", () => {
  it("is what its path and query ask for; what is left out is all", () => {
    const all = { person: null, month: null, decimal: "." };
    assert.deepEqual(reportOf("/sessions/list"), { ...all, format: "page" });
    assert.deepEqual(reportOf("/sessions/print?month=all&person=all"), { ...all, format: "print" });
    assert.deepEqual(reportOf(`/sessions.csv?month=2026-11&person=${ana}&decimal=comma`), {
      format: "csv",
      month: MONTH,
      person: ana,
      decimal: ",",
    });
    assert.deepEqual(reportOf("/sessions.json?person=0"), { ...all, format: "json", person: 0 });
  });
  it("is refused for a month or a person that cannot be", () => {
    for (const query of ["month=2026-13", "month=x", "person=x", "person=-1", "month=1999-01", "person=123456"]) {
      const { acts, response } = get(`/sessions.csv?${query}`, CONDOMINIUM);
      assert.deepEqual([acts, response.status], [[], 400], query);
    }
  });
  it("begins with its head only: the charger writes the rest", () => {
    const { response } = get("/sessions/list", CONDOMINIUM);
    assert.equal(response.more, true);
    assert.match(response.body, /<tbody>$/);
    assert.deepEqual(
      [get("/sessions.json", CONDOMINIUM).response.body, get("/sessions.csv", CONDOMINIUM).response.body],
      ["", ""],
    );
  });
  it("comes as a file with the names of charger and month, and marks the letters of one with decimal commas", () => {
    const file = (name: string) => `attachment; filename="${name}"`;
    assert.equal(headerOf("/sessions.csv?month=2026-11", "Content-Disposition"), file("charger-1-2026-11.csv"));
    assert.equal(headerOf(`/sessions.json?person=${ana}`, "Content-Disposition"), file(`charger-1-all-${ana}.json`));
    assert.equal(get("/sessions.csv?decimal=comma", CONDOMINIUM).response.body, "\ufeff");
    assert.equal(get("/sessions.csv", CONDOMINIUM).response.type, "text/csv; charset=utf-8");
    assert.equal(get("/sessions.json", CONDOMINIUM).response.type, "application/json");
  });
  it("is asked for again while another is being written", () => {
    for (const path of ["/sessions/list", "/sessions.csv"]) {
      const { acts, response } = get(path, condominium({ writing: true }));
      assert.deepEqual([acts, response.status, response.more], [[], 503, undefined]);
      assert.deepEqual(response.headers[0], ["Retry-After", "2"]);
      assert.match(response.body, /being written to somebody else/);
    }
  });
  it("has a row for each session, why it ended in words, and sums by currency", () => {
    const html = statementOf("/sessions/list?month=2026-11", CONDOMINIUM);
    assert.match(html, /<nav.*November 2026 · Everybody/);
    assert.match(html, /<td>2026-11-21 22:35 - 2026-11-22 00:05<br><small>unplugged<[/]small><[/]td><td>Ana<[/]td>/);
    assert.match(html, /<td class="num">12[.]340<[/]td><td class="num">1[.]91 €<[/]td>/);
    assert.match(html, /Time unknown, 90 min<br><small>gone after a power cut; the supply or the meter failed/);
    assert.match(html, /Sessions: 2<[/]th><td class="num">24[.]680<[/]td><td class="num">1[.]91 €<[/]td>/);
    const two = restOf(reportOf("/sessions/list"), SETTINGS, [
      session(),
      session({ currency: 2, cost: money(10_000) }),
    ]);
    assert.match(two, /<tfoot>.*1[.]91 €, 1[.]00 \$/);
  });
  it("has periods and VAT where it is to be printed, and no navigation", () => {
    const html = statementOf("/sessions/print?month=all", CONDOMINIUM);
    assert.doesNotMatch(html, /<nav|<form|<button/);
    assert.match(html, /12[.]340<br><small>vazio 10[.]000, cheias 2[.]340, ponta 0[.]000</);
    assert.match(html, /1[.]91 €<br><small>VAT 0[.]36 €</);
    assert.match(html, /<tfoot>.*24[.]680<br><small>vazio 20[.]000, cheias 4[.]680.*VAT 0[.]36 €/);
  });
  it("names who is not known any more by their number, and shows names as text", () => {
    const report = reportOf("/sessions/list");
    assert.match(restOf(report, SETTINGS, [session({ person: 77 })]), /<td>77 \(removed\)<[/]td>/);
    assert.match(get("/sessions/list?person=77", CONDOMINIUM).response.body, /All · 77 \(removed\)/);
    const { id } = personNamed(BOOK, "Bruno <3");
    assert.match(get(`/sessions/list?person=${id}`, CONDOMINIUM).response.body, /Bruno &lt;3/);
  });
  it("tells no UID of a card", () => {
    assert.doesNotMatch(statementOf("/sessions/print", CONDOMINIUM), new RegExp(ANA));
  });
  it("splits VAT to the cent, and nothing without a cost", () => {
    assert.equal(vatWithin({ cost: money(12_300), vat: 2_300 }), 2_300);
    assert.equal(vatWithin({ cost: money(100), vat: 2_300 }), 0);
    assert.equal(vatWithin({ cost: money(10_000), vat: 0 }), 0);
    assert.equal(vatWithin({ cost: null, vat: 2_300 }), 0);
  });
});
