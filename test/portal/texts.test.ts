import assert from "node:assert/strict";
import fc from "fast-check";
import { certificatesIn, rsaKeyIn } from "../../src/pem.js";
import { enterPerson, parsePerson, removePerson } from "../../src/people.js";
import { filled, findSentence, numeral, textsOf, translated } from "../../src/portal/texts/texts.js";
import { change, DEFAULTS } from "../../src/settings.js";
import { SETTING_NAMES } from "../../src/settings-fields.js";
import { ANA, BOOK, bookOf } from "./condominium.js";

const [EN, PT] = [textsOf("en"), textsOf("pt")];

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): readonly (readonly [path: string, text: string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as const] : leaves(value, `${path}${key}.`),
  );
}

/** Names, units, and words that both languages share. */
const SAME =
  /^(?:words\.(?:seconds|minutes|hours)|titles\.(?:mqtt|feeds)|feeds\.names\.|fields\.(?:emoncms|influx)\.label|facts\.(?:mqtt|wifi)|modes\.|choices\.(?:emoncms|influx|mode|pzemPhases|wiring|language|meterUnit)\.|choices\.meterPreset\.(?:shelly|tasmota|esphome|p1)|setup\.names\.(?:wifi|mqtt)|kva\.row|facts\.contactor$)/;
/** Hints that a field does not need. */
const EMPTY = /^(?:fields|inputs)\.\w+\.hint$/;

const TARIFF = { currency: "EUR", vatPct: 23, plan: "flat", prices: [0.15] };
const RULE = { period: 0, from: "22:00", to: "08:00" };
const withRule = (...rules: readonly object[]) => ({ plan: { periods: ["a"], rules } });

const WRONG_TARIFFS: readonly object[] = [
  { currency: "XXX" },
  { vatPct: 101 },
  { vatPct: 1.234 },
  { vatPct: "x" },
  { plan: "x" },
  { prices: [1, 2] },
  { prices: [] },
  { prices: [0.00001] },
  { prices: [101] },
  { sessionFee: "x" },
  { idleFee: -1 },
  { "": 1 },
  { more: 1 },
  { plan: {} },
  { plan: { periods: [" "] } },
  { plan: { periods: ["a"], more: 1 } },
  { plan: { periods: ["a"], other: 3 } },
  { plan: { periods: ["a"], rules: 7 } },
  withRule({ ...RULE, period: 1 }),
  withRule({ ...RULE, period: 7 }),
  withRule({ ...RULE, days: "x" }),
  withRule({ ...RULE, from: "25:00" }),
  withRule({ ...RULE, to: "x" }),
  withRule({ ...RULE, season: "x" }),
  withRule({ ...RULE, months: [1] }),
  withRule({ ...RULE, more: 1 }),
  withRule({ period: 0 }),
  { plan: { periods: ["a"], rules: [7] } },
  withRule(...Array.from({ length: 16 }, () => ({ ...RULE, days: "1234567", season: "winter", months: [1, 12] }))),
];

const WINDOW = { days: "12345", from: "22:00", to: "08:00", limitA: 0 };
const LEAVES = { days: "12345", at: "07:30", needWh: 1_000 };
const WRONG_SCHEDULES: readonly unknown[] = [
  7,
  { more: 1 },
  { windows: 7 },
  { departures: 7 },
  { windows: [7] },
  { departures: [7] },
  ...[{ days: "21" }, { from: "x" }, { to: "25:00" }, { limitA: 81 }, { limitA: 0.05 }, { more: 1 }].map((more) => ({
    windows: [{ ...WINDOW, ...more }],
  })),
  ...[{ days: "" }, { at: "x" }, { needWh: 0.5 }, { more: 1 }].map((more) => ({
    departures: [{ ...LEAVES, ...more }],
  })),
  { windows: [{ days: "1" }] },
];

/** Of certificates and keys that were pasted; how long they may be is judged by the page. */
function refusalsOfPem(): readonly string[] {
  const block = (label: string, inside: string): string =>
    `-----BEGIN ${label}-----\n${inside}\n-----END ${label}-----`;
  const zeros = btoa(String.fromCharCode(0x30, 0x82, 1, 0, ...Array.from({ length: 256 }, () => 0)));
  const reads = [
    certificatesIn(""),
    certificatesIn("-----BEGIN CERTIFICATE-----"),
    certificatesIn(block("CERTIFICATE", "?")),
    rsaKeyIn(""),
    rsaKeyIn(block("PRIVATE KEY", zeros)),
  ];
  return [...reads.map((one) => (one.ok ? "" : one.why)), "is 4444 bytes long, more than 4000"];
}

/** All that can be wrong with a person, alone and in the book. */
function refusalsOfPeople(): readonly string[] {
  const hours = { days: [1], from: "08:00", to: "20:00" };
  const wrong: readonly unknown[] = [
    7,
    {},
    { name: "x".repeat(25) },
    { name: "Ana", more: 1 },
    { name: "Ana", cards: ["x"] },
    { name: "Ana", cards: ["08ABCDEF"] },
    { name: "Ana", cards: [ANA, ANA] },
    { name: "Ana", cards: 7 },
    { name: "Ana", maxA: 81 },
    { name: "Ana", priority: 10 },
    { name: "Ana", monthlyKWh: -1 },
    { name: "Ana", active: 7 },
    ...[7, { ...hours, more: 1 }, { ...hours, days: [] }, { ...hours, from: "x" }, { ...hours, to: "x" }].map(
      (one) => ({ name: "Ana", hours: one }),
    ),
    { name: "Ana", hours: { ...hours, to: "08:00" } },
  ];
  const alone = wrong.flatMap((one) => {
    const parsed = parsePerson(one);
    assert.ok(!parsed.ok, JSON.stringify(one));
    return parsed.errors.map(({ why }) => why);
  });
  const person = (name: string, ...cards: readonly string[]) => {
    const parsed = parsePerson({ name, cards });
    assert.ok(parsed.ok);
    return parsed.person;
  };
  const crowd = bookOf(...Array.from({ length: 100 }, (_, at) => ({ name: `Person ${at}` })));
  const long = bookOf(
    ...Array.from({ length: 72 }, (_, at) => ({
      name: "x".repeat(24),
      cards: [1, 2, 3, 4].map((card) => `04A1B2C3D4E5F607${card}${at + 100}`),
    })),
  );
  const inBook = [
    enterPerson(BOOK, person("New", ANA), { chance: 9 }),
    enterPerson(BOOK, person("New"), { id: 999 }),
    removePerson(BOOK, 999),
    enterPerson(crowd, person("New"), { chance: 999 }),
    enterPerson(long, person("x".repeat(24), ...LONG_CARDS), { chance: 999 }),
  ].flatMap((one) => {
    assert.ok(!one.ok);
    return one.errors.map(({ why }) => why);
  });
  return [...alone, ...inBook];
}
const LONG_CARDS = [1, 2, 3, 4].map((card) => `04A1B2C3D4E5F6070${card}FF`);

describe("texts of the pages", () => {
  it("are all there in Portuguese, none of them empty or left in English", () => {
    const english = leaves(EN);
    const portuguese = new Map(leaves(PT));
    assert.deepEqual(
      english.map(([path]) => path),
      [...portuguese.keys()],
    );
    for (const [path, text] of english) {
      const other = portuguese.get(path) ?? "";
      assert.equal(other === "", text === "", path);
      if (text === "") assert.match(path, EMPTY);
      else if (!SAME.test(path)) assert.notEqual(other, text, path);
    }
  });

  it("have the same gaps in both languages", () => {
    const gaps = (text: string) => [...text.matchAll(/\{\d\}|[#*]/g)].map(([gap]) => gap).sort();
    const portuguese = new Map(leaves(PT));
    for (const [path, text] of leaves(EN)) assert.deepEqual(gaps(portuguese.get(path) ?? ""), gaps(text), path);
  });

  it("are filled in their order, whatever is filled in", () => {
    assert.equal(filled("{1} of {0}", "a", "$&"), "$& of a");
    assert.equal(filled("no gap", "a"), "no gap");
  });

  it("write numbers as people of the language do", () => {
    assert.deepEqual(
      [numeral(EN, 12.34), numeral(EN, 32), numeral(PT, 12.34), numeral(PT, 0.05, 2)],
      ["12.3", "32", "12,3", "0,05"],
    );
    assert.equal(numeral(EN, 100, 0), "100");
  });

  it("bring the words of the settings into Portuguese, with their numbers and names", () => {
    assert.equal(translated(PT, "must be from 6 to 80 A"), "tem de ser de 6 a 80 A");
    assert.equal(translated(PT, "names charger-2 twice"), "tem charger-2 duas vezes");
    assert.equal(
      translated(PT, "must be at least 2.5, twice the meter's period and 1 s"),
      "tem de ser pelo menos 2,5, o dobro do período do contador e mais 1 s",
    );
    assert.equal(
      translated(PT, "number 3 role must be one of house, grid, solar"),
      "o n.º 3 função tem de ser um destes: house, grid, solar",
    );
    assert.equal(translated(PT, "must be a topic without # and +"), "tem de ser um tópico sem # nem +");
    assert.equal(translated(PT, "something new"), "something new");
    assert.equal(translated(EN, "must be from 6 to 80 A"), "must be from 6 to 80 A");
  });

  it("know every sentence that any setting can be refused with", () => {
    const value = fc.oneof(
      fc.anything(),
      fc.constantFrom<unknown>(
        -1,
        0,
        0.05,
        1,
        2,
        3,
        5,
        6,
        6.05,
        30,
        40,
        99,
        1_000,
        true,
        null,
        "",
        "x y",
        "08ABCDEF",
        "#",
        [],
        [1],
        [1, 1],
        [1, 2, 3],
        [4],
      ),
      fc.array(fc.constantFrom<unknown>("08ABCDEF", "5CBBE5D5", 1, 300, null), { maxLength: 3 }),
      fc.array(
        fc.record({
          address: fc.constantFrom(1, 2, 300),
          role: fc.constantFrom("house", "grid", "solar", "x"),
          phase: fc.constantFrom(1, 2, 9),
        }),
        { maxLength: 3 },
      ),
      fc.array(
        fc.record({
          id: fc.constantFrom("a", "b", "a b"),
          wiring: fc.constantFrom([1], [2], [1, 1], [1, 2, 3]),
          failsafeA: fc.constantFrom(0, 3, 6, 16),
        }),
        { maxLength: 3 },
      ),
    );
    const seen = new Set<string>();
    const note = (all: string, sentence: string): void => {
      const found = findSentence(sentence);
      assert.ok(found, all);
      seen.add(found.key);
      for (const part of found.parts) if (/\b(?:must|has|names|makes|is|unknown)\b/.test(part)) note(all, part);
    };
    const known = (patch: object): void => {
      const changed = change(DEFAULTS, patch);
      for (const { field, why } of changed.ok ? [] : changed.errors) {
        note(`${field}: ${why}`, why);
      }
    };
    const patches = fc.dictionary(fc.constantFrom(...SETTING_NAMES), value, { minKeys: 1, maxKeys: 4 });
    fc.assert(fc.property(patches, known), { numRuns: 3_000 });
    for (const name of SETTING_NAMES)
      for (const bad of [{}, [{}], ["x"], Number.NaN, "\n", 1e9, [[]]]) known({ [name]: bad });
    const roster = (...rows: readonly (readonly unknown[])[]) =>
      rows.map(([id, wiring, failsafeA]) => ({ id, wiring, failsafeA }));
    for (const patch of [
      { failsafeA: 40, houseMaxA: 0 },
      { failsafeA: 6 },
      { failsafeA: 6, houseMaxA: 29 },
      { failsafeA: 6, houseMaxA: 29, phases: 3 },
      { bufferA: 30 },
      { reportLeaseS: 3, periodS: 2 },
      { wiring: [2] },
      { wiring: [1, 1, 2] },
      { roster: roster(["a", [2], 0]) },
      { roster: roster(["a", [1], 0], ["a", [1], 0]) },
      { meter: "other" },
      { emoncms: "mqtt" },
      { emoncms: "http" },
      { emoncms: "http", emoncmsUrl: "http://a" },
      { emoncmsUrl: "a" },
      { emoncmsUrl: "http://emon.home:99999" },
      { emoncmsKey: "?" },
      { influx: "1" },
      { influx: "1", influxUrl: "http://a" },
      { influx: "2", influxUrl: "http://a", influxBucket: "b" },
      { influxUser: ":" },
      { influxToken: "\n" },
      { meter: "other", meterTopic: "a", meterPreset: "shellyEm", phases: 3 },
      { meter: "other", meterTopic: "a,b", meterPreset: "shelly3em" },
      { meter: "other", meterTopic: "a,b", meterPreset: "esphome" },
      { meter: "other", meterTopic: "a", meterPreset: "custom", phases: 3 },
      { meter: "other", meterTopic: "a", meterPreset: "custom", meterPath: "a." },
      { pzems: [{ address: 1, role: "house", phase: 2 }] },
      { pzems: [{ address: 1, role: "house", phase: 1, more: 1 }] },
      { pzems: [{ address: 1, role: "grid", phase: 1 }], roof: true },
      { roster: [{ id: "a", wiring: [1], failsafeA: 0, more: 1 }] },
      { cards: ["5CBBE5D5", "5CBBE5D5"] },
      { unheard: 1 },
      { pzems: [1, 2].map((phase) => ({ address: 1, role: "house", phase })), phases: 3 },
      { pzems: [1, 2].map((address) => ({ address, role: "house", phase: 1 })) },
      {
        pzems: [
          { address: 1, role: "house", phase: 1 },
          { address: 2, role: "grid", phase: 1 },
        ],
      },
      {
        cards: Array.from({ length: 32 }, (_, at) => `04A1B2C3D4E5F60708${10 + at}`),
        roster: Array.from({ length: 64 }, (_, at) => ({
          id: `charger-number-${at}`.padEnd(32, "x"),
          wiring: [1],
          failsafeA: 0,
        })),
      },
    ]) {
      known(patch);
    }
    for (const patch of [
      ...["X", "A0", "WET25", "WET0WEST25,M3.5.0,M10.5.0", "WET0WEST,x,M10.5.0", "WET0WEST,M3.5.0,M3.5.1", 7].map(
        (timeZone) => ({ timeZone }),
      ),
      ...WRONG_SCHEDULES.map((schedule) => ({ schedule })),
      ...WRONG_TARIFFS.map((more) => ({ tariff: { ...TARIFF, ...more } })),
      { tariff: 7 },
    ])
      known(patch);
    for (const sentence of [...refusalsOfPeople(), ...refusalsOfPem()]) note(sentence, sentence);
    const own = ["damaged", "newer", "allDamaged", "allNewer", "stuck", "slowMeter", "stuckMeter"];
    const unseen = Object.keys(EN.sentences).filter((key) => !seen.has(key) && !own.includes(key));
    assert.deepEqual(
      unseen.filter((key) => !["address", "role", "phase", "id", "wiringOf", "failsafeOf"].includes(key)),
      [],
    );
  });
});
