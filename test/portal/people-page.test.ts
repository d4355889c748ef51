import assert from "node:assert/strict";
import type { CardAnswer } from "../../src/access.js";
import { parsePerson } from "../../src/people.js";
import type { Answer } from "../../src/portal/answers.js";
import type { Fields } from "../../src/portal/form.js";
import type { ChargerModel } from "../../src/portal/model.js";
import { millis } from "../../src/units.js";
import { ANA, BOOK, BRUNO, bookOf, CONDOMINIUM, condominium, personNamed, STRANGE } from "./condominium.js";
import { CHARGER, METER, STRANGER } from "./model.js";
import { get, post } from "./pages.js";

const { id: ana } = personNamed(BOOK, "Ana");
const { id: bruno } = personNamed(BOOK, "Bruno <3");

const bodyOf = (answer: Answer): string => answer.response.body;
const shown = (path: string, model: ChargerModel = CONDOMINIUM): string => bodyOf(get(path, model));
const withPeople = (over: Partial<ChargerModel["charger"]["people"]>, more: Partial<ChargerModel["charger"]> = {}) =>
  condominium({ people: { ...CONDOMINIUM.charger.people, ...over }, ...more });

/** A form of a person, as the page sends it. */
const form = (id: number, over: Readonly<Record<string, string>> = {}): Fields => [
  ["id", String(id)],
  ...Object.entries({ name: "Rui", cards: "", active: "yes", maxA: "0", priority: "0", monthlyKWh: "0", ...over }),
  ["go", "person"],
];

/** What stands beside an input. */
const beside = (html: string, field: string): string =>
  new RegExp(`id="${field}-error">([^<]*)<`).exec(html)?.[1] ?? "";

describe("people page", () => {
  it("lists everybody by name, with cards, rights and what they used this month", () => {
    const items = [...shown("/people").matchAll(/<li><a [^>]*>([^<]*)<small>([^<]*)</g)].map(([, name, what]) => [
      name,
      what,
    ]);
    assert.deepEqual(items, [
      ["Ana", "cards: 1 · at most 16 A · priority 3 · 12.3 of 100 kWh this month"],
      [
        "Bruno &lt;3",
        "not active · cards: 1 · 5.5 A: never charges, 6 A is the least · Mon-Fri 08:00-24:00 · 0 kWh this month",
      ],
      ["Érica", "cards: 0 · 0 kWh this month"],
    ]);
  });
  it("says nothing of a month that nobody knows", () => {
    assert.doesNotMatch(shown("/people", withPeople({ month: null })), /cards: 0 · /);
  });
  it("shows a hundred people 25 at a time", () => {
    const book = bookOf(...Array.from({ length: 100 }, (_, at) => ({ name: `Person ${1_000 + at}` })));
    const model = withPeople({ book });
    const names = (path: string) => [...shown(path, model).matchAll(/>(Person \d+)<small/g)].map(([, name]) => name);
    assert.deepEqual([names("/people").length, names("/people")[0]], [25, "Person 1000"]);
    assert.deepEqual([names("/people?page=4").length, names("/people?page=4")[24]], [25, "Person 1099"]);
    for (const page of ["0", "5", "x", "-1", "1e9"]) assert.equal(names(`/people?page=${page}`)[0], "Person 1000");
    assert.match(shown("/people?page=2", model), /<a href="[/]people[?]page=2" aria-current="page">26-50</);
  });
  it("says that cards can be copied", () => {
    assert.match(shown("/people"), /can be copied/);
  });
  it("is one touch away where a card is needed, else in the list of settings", () => {
    const links = (model: ChargerModel) => /<nav.*?<[/]nav>/.exec(shown("/", model))?.[0].match(/href="[^"]*"/g);
    assert.deepEqual(links(CONDOMINIUM), ['href="/"', 'href="/people"', 'href="/sessions"', 'href="/settings"']);
    assert.ok(!links(CHARGER)?.includes('href="/people"'));
    assert.match(shown("/settings", CHARGER), /href="[/]people"/);
  });
  it("is none of a meter, and none of a stranger", () => {
    for (const path of ["/people", "/sessions", "/tariff", "/schedule", "/sessions.csv"]) {
      assert.equal(get(path, METER).response.status, 404, path);
      assert.equal(get(path, CONDOMINIUM, STRANGER).response.status, 303, path);
      assert.notEqual(post(path, [["go", "enrol"]], METER).response.status, 200);
    }
  });
});

describe("form of a person", () => {
  it("enters somebody new, and changes who is there", () => {
    const typed = form(0, {
      cards: "04a1b2c3d4e599\r\n5CBBE5D6",
      maxA: "16,5",
      limited: "yes",
      from: "08:00",
      to: "00:00",
    });
    const { acts, response } = post("/people", [...typed, ["days", "1"], ["days", "7"]], CONDOMINIUM);
    const expected = parsePerson({
      name: "Rui",
      cards: ["04A1B2C3D4E599", "5CBBE5D6"],
      maxA: 16.5,
      hours: { days: [1, 7], from: "08:00", to: "24:00" },
    });
    assert.ok(expected.ok);
    assert.deepEqual(acts, [{ kind: "person", id: 0, person: expected.person }]);
    assert.equal(response.status, 303);
    const changed = post("/people", form(ana, { name: "Ana Maria" }), CONDOMINIUM);
    assert.deepEqual(changed.acts[0], {
      kind: "person",
      id: ana,
      person: { ...expected.person, name: "Ana Maria", cards: [], max: 0, hours: null },
    });
  });
  it("keeps somebody as they are when it is sent back as it came", () => {
    for (const one of [ana, bruno]) {
      const html = shown(`/people?id=${one}`).split("<form").at(-1) ?? "";
      const inputs = [...html.matchAll(/<input ([^>]*)>/g)].map(([, text = ""]) => text);
      const given = (text: string) => /value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&lt;", "<") ?? "";
      const fields: Fields = [
        ...inputs
          .filter((text) => !text.includes("checkbox") || text.includes("checked"))
          .map((text): readonly [string, string] => [/name="([^"]*)"/.exec(text)?.[1] ?? "", given(text)]),
        ["cards", /<textarea[^>]*>([^<]*)</.exec(html)?.[1] ?? ""],
        ["active", /value="(yes|no)" selected/.exec(html)?.[1] ?? ""],
        ["go", "person"],
      ];
      const { id, ...rights } = personNamed(BOOK, one === ana ? "Ana" : "Bruno <3");
      assert.deepEqual(post("/people", fields, CONDOMINIUM).acts, [{ kind: "person", id, person: rights }]);
    }
  });
  it("says beside each field what is wrong, keeps what was typed, and changes nothing", () => {
    const wrong = form(0, { name: "", cards: "x", maxA: "81", priority: "ten", monthlyKWh: "-1", limited: "yes" });
    const { acts, response } = post("/people", wrong, CONDOMINIUM);
    assert.deepEqual([acts, response.status], [[], 422]);
    assert.match(beside(response.body, "name"), /must be 1 to 24 plain letters/);
    assert.match(beside(response.body, "cards"), /number 1 must be a UID/);
    assert.match(beside(response.body, "maxA"), /from 0 to 80 A/);
    assert.match(beside(response.body, "priority"), /from 0 to 9/);
    assert.match(beside(response.body, "monthlyKWh"), /from 0 to 60000/);
    assert.match(beside(response.body, "hours"), /days must be a list of 1 to 7/);
    assert.match(response.body, /name="priority" value="ten"/);
  });
  it("says at once what the book would refuse: a card of another, too many people", () => {
    const taken = post("/people", form(0, { cards: ANA }), CONDOMINIUM);
    assert.equal(beside(taken.response.body, "cards"), `${ANA} is the card of Ana`);
    assert.deepEqual(taken.acts, []);
    const book = bookOf(...Array.from({ length: 100 }, (_, at) => ({ name: `Person ${at}` })));
    const full = post("/people", form(0), withPeople({ book }));
    assert.match(full.response.body, /role="alert">.*there are 100 people already/);
  });
  it("knows nobody by an id that was removed, or is none", () => {
    for (const id of ["999", "x", "", "-1", "99999999"]) {
      assert.equal(get(`/people?id=${id}`, CONDOMINIUM).response.status, 404, id);
      for (const go of ["person", "remove", "enrol", "cancel", "give"]) {
        const { acts, response } = post(
          "/people",
          [
            ["id", id],
            ["go", go],
          ],
          CONDOMINIUM,
        );
        assert.deepEqual([acts, response.status], [[], 404], `${go} ${id}`);
      }
    }
    assert.equal(
      post(
        "/people",
        [
          ["id", "0"],
          ["go", "remove"],
        ],
        CONDOMINIUM,
      ).response.status,
      404,
    );
  });
  it("asks whether somebody should be removed before it does", () => {
    assert.match(shown(`/people?remove=${ana}`), /Remove Ana[?]/);
    const { acts } = post(
      "/people",
      [
        ["id", String(ana)],
        ["go", "remove"],
      ],
      CONDOMINIUM,
    );
    assert.deepEqual(acts, [{ kind: "removePerson", id: ana }]);
  });
});

describe("enrolment", () => {
  const page = `/people?enrol=${ana}`;
  it("waits for a card, and asks again by itself", () => {
    const { acts, response } = post(
      "/people",
      [
        ["id", String(ana)],
        ["go", "enrol"],
      ],
      CONDOMINIUM,
    );
    assert.deepEqual([acts, response.headers], [[{ kind: "enrol", id: ana }], [["Location", page]]]);
    const waiting = get(page, withPeople({ enrolling: ana }));
    assert.deepEqual(waiting.response.headers, [["Refresh", "2"]]);
    assert.match(waiting.response.body, /Hold the card of Ana to the reader of charger-1 now/);
    assert.match(shown("/people", withPeople({ enrolling: ana })), /It waits for the card of Ana/);
  });
  it("ends when somebody cancels, or nobody comes", () => {
    const { acts } = post(
      "/people",
      [
        ["id", String(ana)],
        ["go", "cancel"],
      ],
      CONDOMINIUM,
    );
    assert.deepEqual(acts, [{ kind: "enrol", id: 0 }]);
    const over = get(page, CONDOMINIUM);
    assert.deepEqual(over.response.headers, []);
    assert.match(over.response.body, /none came within 60 s/);
  });
  it("names the card that is theirs now", () => {
    assert.match(shown(page, withPeople({ enrolled: ANA })), new RegExp(`The card ${ANA} is now of Ana`));
  });
  it("says why a card cannot be theirs: random numbers, somebody else's", () => {
    const refused = (why: string) => withPeople({ refused: [{ field: "cards", why }] });
    assert.match(
      shown(page, refused(`${BRUNO} is the card of Bruno`)),
      /not enrolled: 5CBBE5D5 is the card of Bruno[.]/,
    );
    const random = {
      ...refused("number 2 is a random UID, different each time"),
    };
    const card = { uid: "08ABCDEF", answer: "enrolled", at: millis(7_199_000) } as const;
    const html = shown(page, { ...random, charger: { ...random.charger, card } });
    assert.match(html, /random UID.*shows another number each time/);
  });
  it("gives a card of nobody to somebody with one touch", () => {
    assert.match(shown("/people"), new RegExp(`The card ${STRANGE}, held to the reader 20 s ago, is of nobody`));
    const { acts } = post(
      "/people",
      [
        ["id", String(ana)],
        ["card", STRANGE],
        ["go", "give"],
      ],
      CONDOMINIUM,
    );
    const [act] = acts;
    assert.ok(act?.kind === "person" && act.id === ana);
    assert.deepEqual(act.person.cards, [ANA, STRANGE]);
    assert.match(shown(`/people?id=0&card=${STRANGE}`), new RegExp(`>${STRANGE}</textarea>`));
    assert.doesNotMatch(shown("/people?id=0&card=%3Cb%3E"), /<b>/);
    const other = post(
      "/people",
      [
        ["id", String(ana)],
        ["card", BRUNO],
        ["go", "give"],
      ],
      CONDOMINIUM,
    );
    // Bruno is not active: his card may become another's.
    assert.equal(other.response.status, 303);
  });
  it("offers no card that is random, somebody's, known, or long gone", () => {
    const offers = (uid: string, at = 7_180_000, settings = {}) =>
      /is of nobody/.test(
        shown("/people", condominium({ card: { uid, answer: "unknown", at: millis(at) } }, settings)),
      );
    assert.deepEqual(
      [offers(STRANGE), offers("08ABCDEF"), offers(ANA), offers(STRANGE, 6_000_000)],
      [true, false, false, false],
    );
    assert.equal(offers(STRANGE, 7_180_000, { cards: [STRANGE] }), false);
  });
});

describe("the card that was presented last", () => {
  const line = (answer: CardAnswer | "enrolled", uid: string, over: Partial<ChargerModel["charger"]> = {}): string => {
    const html = shown("/", condominium({ card: { uid, answer, at: millis(7_140_000) }, ...over }));
    return /<div id="card" data-live>(?:<p[^>]*>([^<]*)<[/]p>)?<[/]div>/.exec(html)?.[1] ?? "";
  };
  it("stands on the daily page for 60 s, in words with the reason", () => {
    const who = `${ANA} (Ana)`;
    assert.equal(line("started", ANA), `The card ${who} lets the car charge.`);
    assert.equal(line("stopped", ANA), `The card ${who} has stopped the charging.`);
    assert.match(line("noted", STRANGE), /^The card 1122AABB was read; none is needed/);
    assert.match(line("notYours", ANA), /another card has started/);
    assert.match(line("unknown", STRANGE), /nobody here has it/);
    assert.match(line("random", "08ABCDEF"), /another number each time/);
    assert.match(line("inactive", BRUNO), /not active/);
    assert.match(line("hours", BRUNO), /outside their hours, Mon-Fri 08:00-24:00/);
    assert.match(line("energyLimit", ANA), /the 100 kWh of this month are used up/);
    assert.match(line("timeUnknown", ANA), /nobody has told it/);
    assert.equal(line("enrolled", ANA), `The card ${who} was enrolled.`);
    const later = condominium({ card: { uid: ANA, answer: "started", at: millis(7_139_999) } });
    assert.match(shown("/", later), /<div id="card" data-live><[/]div>/);
  });
  it("is not called enrolled when the book refused it", () => {
    const refused = [{ field: "cards", why: "x" }];
    const people = { ...CONDOMINIUM.charger.people, refused };
    assert.equal(line("enrolled", BRUNO, { people }), `The card ${BRUNO} was not enrolled.`);
  });
  it("is renewed with the page by its script", () => {
    assert.match(bodyOf(get("/?live=1", CONDOMINIUM)), /<div id="card" data-live>.*nobody here has it/);
  });
});
