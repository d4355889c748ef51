import assert from "node:assert/strict";
import type { Fields } from "../../src/portal/form.js";
import { rulesText, rulesTyped } from "../../src/portal/tariff-form.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import { change } from "../../src/settings.js";
import { PRESETS } from "../../src/tariff-presets.js";
import { CONDOMINIUM, condominium, SETTINGS, withPatch } from "./condominium.js";
import { CHARGER } from "./model.js";
import { get, post } from "./pages.js";

const [EN, PT] = [textsOf("en"), textsOf("pt")];
const form = (kind: string, over: Readonly<Record<string, string>> = {}): Fields => [
  ["kind", kind],
  ...Object.entries(over),
  ["go", "tariff"],
];
/** The tariff in force after a form. */
function saved(fields: Fields) {
  const { change: patch, response } = post("/tariff", fields, CHARGER);
  assert.equal(response.status, 303, response.body);
  const changed = change(CHARGER.settings, patch ?? {});
  assert.ok(changed.ok);
  return changed.settings;
}
const beside = (html: string, field: string): string =>
  new RegExp(`id="${field}-error">([^<]*)<`).exec(html)?.[1] ?? "";

describe("tariff page", () => {
  it("says which price counts now, and has an input for each period of the plan", () => {
    const { body } = get("/tariff", CONDOMINIUM).response;
    assert.match(body, /Now: vazio, 0[.]09 € a kWh without VAT/);
    assert.deepEqual(
      [...body.matchAll(/<label for="price-\d">([^<]*)</g)].map(([, label]) => label),
      ["Price of a kWh: vazio", "Price of a kWh: cheias", "Price of a kWh: ponta"],
    );
    assert.match(get("/tariff", { ...CONDOMINIUM, unix: null }).response.body, /Nobody has told the time/);
  });
  it("shows the inputs of another kind when it is chosen, which is not in force before it is saved", () => {
    const { body } = get("/tariff?kind=price", CONDOMINIUM).response;
    assert.match(body, /<option value="price" selected>.*Not in force until it is saved.*id="priceCents"/);
    assert.match(get("/tariff?kind=__proto__", CONDOMINIUM).response.body, /<option value="pt-tri-weekly" selected>/);
    assert.match(get("/tariff", CHARGER).response.body, /Sessions have no cost/);
  });
  it("takes no tariff, a price alone, and a preset with decimal commas", () => {
    assert.deepEqual(post("/tariff", form("none"), CONDOMINIUM).change, { tariff: null, priceCents: null });
    assert.deepEqual(post("/tariff", form("price", { priceCents: "15,5" }), CONDOMINIUM).change, {
      tariff: null,
      priceCents: 15.5,
    });
    const fields = { currency: "EUR", vatPct: "23", "price-1": "0,0934", "price-2": "0.19", sessionFee: "0,2" };
    assert.deepEqual(saved(form("pt-bi-daily", fields)).tariff, {
      currency: "EUR",
      vatPct: 23,
      plan: "pt-bi-daily",
      prices: [0.0934, 0.19],
      sessionFee: 0.2,
      idleFee: 0,
    });
  });
  it("keeps the tariff when it is sent back as it came, in both languages", () => {
    for (const language of ["en", "pt"] as const) {
      const own = {
        ...SETTINGS.tariff,
        plan: { ...PRESETS["pt-tri-weekly"], rules: PRESETS["pt-tri-weekly"].rules.slice(0, 9) },
      };
      for (const tariff of [SETTINGS.tariff, own]) {
        const model = condominium({}, { language, tariff });
        const html = get("/tariff", model).response.body.split("<form")[2] ?? "";
        const fields: Fields = [
          ...[...html.matchAll(/<input [^>]*name="([^"]*)" value="([^"]*)"/g)].map(
            ([, name = "", value = ""]): readonly [string, string] => [name, value],
          ),
          ...[...html.matchAll(/<select id="([^"]*)".*?value="([^"]*)" selected/g)].map(
            ([, name = "", value = ""]): readonly [string, string] => [name, value],
          ),
          ["rules", /<textarea[^>]*>([^<]*)</.exec(html)?.[1] ?? ""],
          ["go", "tariff"],
        ];
        const { change: patch } = post("/tariff", fields, model);
        assert.deepEqual(withPatch(model.settings, patch ?? {}).tariff, model.settings.tariff);
      }
    }
  });
  it("says beside each input what is wrong with it, and keeps what was typed", () => {
    const wrong = {
      currency: "XXX",
      vatPct: "101",
      "price-1": "1",
      "price-2": "x",
      sessionFee: "-1",
      idleFee: "1,23456",
    };
    const { change: patch, response } = post("/tariff", form("pt-bi-daily", wrong), CHARGER);
    assert.deepEqual([patch, response.status], [null, 422]);
    assert.match(beside(response.body, "currency"), /must be one of EUR/);
    assert.equal(beside(response.body, "vatPct"), "must be from 0 to 100");
    assert.equal(beside(response.body, "price-2"), "must be from 0 to 100");
    assert.equal(beside(response.body, "sessionFee"), "must be from 0 to 100");
    assert.equal(beside(response.body, "idleFee"), "must be from 0 to 100");
    assert.match(response.body, /name="price-1" value="1".*name="price-2" value="x"/);
    const cents = post("/tariff", form("price", { priceCents: "x" }), CHARGER);
    assert.equal(beside(cents.response.body, "priceCents"), "must be from 0 to 500");
  });
  it("has the time zones by name, and the phone's own where none is chosen", () => {
    assert.match(get("/tariff", CONDOMINIUM).response.body, /<option value="Europe[/]Lisbon" selected>/);
    assert.match(get("/tariff", CHARGER).response.body, /<option value="" selected>As the phone says</);
    assert.deepEqual(post("/tariff", [["timeZone", "Europe/Madrid"]], CHARGER).change, { timeZone: "Europe/Madrid" });
    const wrong = post("/tariff", [["timeZone", "Mars"]], CHARGER).response;
    assert.match(beside(wrong.body, "timeZone"), /must be a known zone/);
  });
});

describe("rules of one's own", () => {
  const own = {
    currency: "EUR",
    "period-1": "night",
    "price-1": "0,1",
    "period-2": "day",
    "price-2": "0,2",
    other: "2",
  };
  it("are lines of time, days, season, months and period", () => {
    const rules = "22:00-8:00 12345 winter 11-2 night\r\n\r\n00:00-24:00 67 night";
    const { tariff } = saved(form("own", { ...own, rules }));
    assert.deepEqual(tariff?.plan, {
      periods: ["night", "day"],
      rules: [
        { period: 0, days: "12345", from: 1_320, to: 480, season: "winter", months: [11, 2] },
        { period: 0, days: "67", from: 0, to: 1_440 },
      ],
      other: 1,
    });
  });
  it("come back as they were typed, of every preset and in both languages", () => {
    for (const texts of [EN, PT]) {
      for (const plan of Object.values(PRESETS)) {
        const { rules, errors } = rulesTyped(texts, rulesText(texts, plan), plan.periods);
        assert.deepEqual([rules.length, errors], [plan.rules.length, []]);
        for (const parsed of [
          withPatch(SETTINGS, {
            tariff: { currency: "EUR", plan: { ...plan, rules: rules.slice(0, 8) }, prices: plan.periods.map(() => 1) },
          }),
        ]) {
          const given = parsed.tariff?.plan;
          assert.ok(typeof given === "object");
          assert.deepEqual(given.rules, plan.rules.slice(0, 8));
        }
      }
    }
  });
  it("name the line that is wrong, and why", () => {
    const why = (rules: string): string =>
      beside(post("/tariff", form("own", { ...own, rules }), CHARGER).response.body, "rules");
    assert.equal(why("22:00-08:00 night\nnight"), "line 2: must begin with a time such as 22:00-08:00");
    assert.equal(why("22:00-08:00 evening"), "line 1: no period is called evening");
    assert.equal(why("22:00-08:00 21 night"), "line 1: days must be days as digits in order, 1 Monday to 7 Sunday");
    assert.equal(why("22:00-25:00 night"), "line 1: to must be a time from 00:00 to 24:00");
    assert.match(why("22:00-08:00 0-13 night"), /^line 1: months number 1 must be a whole number from 1 to 12$/);
    assert.match(why(Array.from({ length: 17 }, () => "22:00-08:00 night").join("\n")), /must be a list of 0 to 16/);
    assert.match(
      why(Array.from({ length: 16 }, () => "22:00-08:00 1234567 winter 1-12 night").join("\n")),
      /more than 1000/,
    );
  });
  it("need a name and a price for each period", () => {
    const { body } = post("/tariff", form("own", { ...own, "period-1": "", "price-2": "" }), CHARGER).response;
    assert.match(beside(body, "period-1"), /must be a name of 1 to 24 characters/);
    assert.equal(beside(body, "price-2"), "must be from 0 to 100");
  });
});
