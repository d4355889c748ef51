import assert from "node:assert/strict";
import fc from "fast-check";
import { answerAsked, NO_CONNECTIONS, type Pages, type PagesEvent, stepPages } from "../../src/portal/connections.js";
import { type Logins, opened, startLogins } from "../../src/portal/logins.js";
import type { PortalModel } from "../../src/portal/model.js";
import { decodeText, encodeText } from "../../src/text.js";
import { millis } from "../../src/units.js";
import { settingsOf } from "../site.js";
import { CHARGER, RADIO } from "./model.js";

const open = (connection: number): PagesEvent => ({ kind: "page", connection, event: { what: "open" } });
const closed = (connection: number): PagesEvent => ({ kind: "page", connection, event: { what: "closed" } });
const says = (connection: number, said: string | Uint8Array): PagesEvent => ({
  kind: "page",
  connection,
  event: { what: "bytes", bytes: typeof said === "string" ? encodeText(said) : said },
});
const PASSWORD = "sol-e-chuva";
/** Set up, and on the house's network. */
const HOME: PortalModel = { ...CHARGER, radio: null, settings: settingsOf({ setUp: true, portalPassword: PASSWORD }) };
const FIRST: Logins = startLogins([1, 2], "a1b2");
/** Somebody has logged in. */
const { logins: IN, visit: VISIT } = opened(FIRST, millis(0));
const COOKIE = `Cookie: ievcc-a1b2=${VISIT.token}\r\n`;

const get = (path = "/", headers = "", host = "a.local"): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;
function post(path: string, form: string, headers = COOKIE): string {
  const type = "Content-Type: application/x-www-form-urlencoded";
  return `POST ${path} HTTP/1.1\r\nHost: a.local\r\n${headers}${type}\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
}
const PATHS = [
  "/",
  "/mode",
  "/login",
  "/setup/1",
  "/setup/3",
  "/reset",
  "/device",
  "/backup",
  "/site",
  "/status.json",
  "/a%00b",
  "/../x",
  "//evil",
];
const GET = get("/", COOKIE);
const POST = post("/mode", `csrf=${VISIT.csrf}&mode=solar`);

/** A step, and the answer to what was asked in it. */
function through(pages: Pages, event: PagesEvent, model: PortalModel, now = 0) {
  const { asked, ...step } = stepPages(pages, event, millis(now));
  const none = { ...step, change: null, acts: [] };
  if (asked === null) return none;
  const { effects, ...answered } = answerAsked(step.pages, asked, model, millis(now));
  return { ...answered, effects: [...step.effects, ...effects] };
}

/** What a row of events at one time comes to. */
function visit(...events: readonly PagesEvent[]) {
  let pages: Pages = { connections: NO_CONNECTIONS, logins: IN };
  const effects: string[] = [];
  const changes: unknown[] = [];
  for (const event of events) {
    const step = through(pages, event, HOME);
    pages = step.pages;
    effects.push(...step.effects.map((one) => `${one.kind} ${one.connection}`));
    if (step.change !== null) changes.push(step.change);
  }
  return { connections: pages.connections, effects, changes };
}

/** A device and the requests it gets, one a connection. */
function bench(model: PortalModel = HOME, logins: Logins = IN) {
  let pages: Pages = { connections: NO_CONNECTIONS, logins };
  let now = 0;
  return {
    logins: () => pages.logins,
    wait: (ms: number): void => {
      now += ms;
    },
    ask: (request: string) => {
      const first = through(pages, open(1), model, now);
      const step = through(first.pages, says(1, request), model, now);
      pages = step.pages;
      const bytes = step.effects.flatMap((one) => (one.kind === "pageSend" ? [one.bytes] : []))[0];
      const decoded = decodeText(bytes ?? new Uint8Array(0), 100_000);
      assert.ok(decoded.ok);
      const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, "m").exec(decoded.text)?.[1] ?? null;
      const status = Number(decoded.text.slice(9, 12));
      return {
        status,
        header,
        text: decoded.text,
        changes: step.change === null ? [] : [step.change],
        acts: step.acts,
      };
    },
  };
}

describe("connections of browsers", () => {
  it("answers the request of each, and closes it", () => {
    const { effects, connections } = visit(open(1), open(2), says(2, GET), says(1, GET));
    assert.deepEqual(effects, ["pageSend 2", "pageClose 2", "pageSend 1", "pageClose 1"]);
    assert.equal(connections.length, 0);
  });
  it("answers one request, however many come", () => {
    assert.deepEqual(visit(open(1), says(1, GET + GET), says(1, GET)).effects, ["pageSend 1", "pageClose 1"]);
    assert.deepEqual(visit(open(1), says(1, POST + POST)).changes, [{ mode: "solar" }]);
  });
  it("answers what is no HTTP with a reason, and closes", () => {
    assert.deepEqual(visit(open(1), says(1, "hello\r\n\r\n")).effects, ["pageSend 1", "pageClose 1"]);
  });
  it("hears nothing of a connection that is not open or has closed", () => {
    assert.deepEqual(visit(says(1, GET)).effects, []);
    assert.deepEqual(visit(open(1), closed(1), says(1, GET)).effects, []);
  });
  it("begins anew when a number opens again", () => {
    assert.deepEqual(visit(open(1), says(1, "nonsense"), open(1), says(1, GET)).effects, ["pageSend 1", "pageClose 1"]);
  });
  it("makes room when one of six has closed", () => {
    const six = [1, 2, 3, 4, 5, 6].map(open);
    assert.deepEqual(visit(...six, open(7)).effects, ["pageClose 7"]);
    assert.deepEqual(visit(...six, closed(3), open(7)).effects, []);
  });
  it("lets one that was open for 2 s without a request give way to a seventh, so that nobody drips others out", () => {
    let pages: Pages = { connections: NO_CONNECTIONS, logins: IN };
    const give = (event: PagesEvent, now: number) => {
      const step = through(pages, event, HOME, now);
      pages = step.pages;
      return step.effects.map((one) => `${one.kind} ${one.connection}`);
    };
    for (const id of [1, 2, 3, 4, 5, 6]) give(open(id), id);
    give(says(1, "GET / HT"), 1_900);
    assert.deepEqual(give(open(7), 2_000), ["pageClose 7"]);
    assert.deepEqual(give(open(8), 2_001), ["pageClose 1"]);
    assert.deepEqual(give(says(8, GET), 2_002), ["pageSend 8", "pageClose 8"]);
  });
  it("keeps no more bytes than a long form and a few heads: whoever holds most gives way", () => {
    const head = (length: number, more = ""): string =>
      `POST /mode HTTP/1.1\r\nHost: a.local\r\n${more}Content-Length: ${length}\r\n\r\n`;
    const long = "x".repeat(7_000);
    assert.deepEqual(visit(open(1), open(2), says(1, head(9_000) + long), says(2, head(9_000) + long)).effects, []);
    const three = visit(...[1, 2, 3].flatMap((id) => [open(id), says(id, head(9_000) + long + "x".repeat(id))]));
    assert.deepEqual(three.effects, ["pageClose 3"]);
    const heads = [1, 2, 3, 4, 5, 6].flatMap((id) => [open(id), says(id, head(9, `Cookie: ${"c".repeat(3_900)}\r\n`))]);
    assert.ok(visit(...heads).connections.length < 4);
  });
  it("takes no long form of a stranger, not even a password, and one of 9 KB of those who are in", () => {
    const filler = (length: number): string => `&x=${"y".repeat(length)}`;
    assert.equal(bench().ask(post("/login", `password=${PASSWORD}${filler(1_100)}`, "")).status, 413);
    assert.equal(bench().ask(post("/login", `password=${PASSWORD}${filler(900)}`, "")).status, 303);
    assert.equal(bench().ask(post("/mode", `csrf=${VISIT.csrf}&mode=solar${filler(9_000)}`)).status, 422);
  });
  it("keeps at most six, each answered at most once and never after its end, whatever comes", () => {
    const id = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8);
    const text = fc.constantFrom(GET, POST, GET.slice(0, 9), "\r\n\r\n", "", "x");
    const event: fc.Arbitrary<PagesEvent> = fc.oneof(
      fc.constant({ kind: "tick" } as const),
      id.map(open),
      id.map(closed),
      fc.tuple(id, text).map(([connection, said]) => says(connection, said)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.constantFrom(0, 5_000, 10_000)), { maxLength: 60 }), (events) => {
        let pages: Pages = { connections: NO_CONNECTIONS, logins: IN };
        let now = 0;
        for (const [one, wait] of events) {
          now += wait;
          const before = pages.connections.map(({ id }) => id);
          const step = through(pages, one, HOME, now);
          pages = step.pages;
          const ids = pages.connections.map(({ id }) => id);
          assert.ok(ids.length <= 6 && new Set(ids).size === ids.length);
          for (const effect of step.effects) {
            if (effect.kind === "pageSend") assert.ok(before.includes(effect.connection));
            assert.ok(!ids.includes(effect.connection));
          }
        }
      }),
    );
  });
});

describe("who asks", () => {
  const NEW: PortalModel = {
    ...HOME,
    settings: settingsOf({ setUp: false, portalPassword: PASSWORD }),
    radio: RADIO,
  };
  const cookieIn = (header: string | null): string => `Cookie: ${header?.split(";")[0]}\r\n`;

  it("changes nothing without a visit, be the form's token right or not", () => {
    for (const cookie of ["", "Cookie: ievcc-a1b2=0123456789abcdef0123456789abcdef\r\n"]) {
      const { changes, acts } = bench().ask(post("/mode", `csrf=${VISIT.csrf}&mode=solar`, cookie));
      assert.deepEqual([changes, acts], [[], []]);
    }
    const fresh = bench(HOME, FIRST).ask(post("/mode", "csrf=&mode=solar", ""));
    assert.deepEqual(fresh.changes, []);
  });
  it("changes nothing without the form's token, though the cookie is right", () => {
    for (const csrf of ["", "0123456789abcdef0123456789abcdef"]) {
      assert.deepEqual(bench().ask(post("/mode", `csrf=${csrf}&mode=solar`)).changes, []);
    }
  });
  it("keeps a visit that goes on asking for more than half an hour, and forgets one that does not", () => {
    const b = bench();
    for (let time = 0; time < 3; time++) {
      b.wait(29 * 60_000);
      b.ask(GET);
    }
    assert.deepEqual(b.ask(POST).changes, [{ mode: "solar" }]);
    b.wait(30 * 60_000);
    assert.deepEqual(b.ask(POST).changes, []);
  });
  it("ends all other visits with a new password, and no visit with any other change", () => {
    const second = opened(IN, millis(0));
    const other = `Cookie: ievcc-a1b2=${second.visit.token}\r\n`;
    const b = bench(HOME, second.logins);
    b.ask(POST);
    assert.equal(b.ask(get("/", other)).status, 200);
    b.ask(post("/network", `csrf=${VISIT.csrf}&portalPassword=a+new+word`));
    assert.deepEqual([b.ask(get("/", other)).status, b.ask(GET).status], [303, 200]);
  });
  it("takes no form that says it comes from elsewhere", () => {
    const form = `csrf=${VISIT.csrf}&mode=solar`;
    for (const origin of ["http://evil.example", "null", "http://a.local.evil.example", "http://a.local:81", ""]) {
      const { status, changes } = bench().ask(post("/mode", form, `${COOKIE}Origin: ${origin}\r\n`));
      assert.deepEqual([status, changes], [403, []], origin);
    }
    for (const origin of ["http://a.local", "https://a.local"]) {
      assert.equal(bench().ask(post("/mode", form, `${COOKIE}Origin: ${origin}\r\n`)).changes.length, 1, origin);
    }
  });
  it("gives no page to a name that is not the device's, whoever asks", () => {
    for (const host of ["evil.example", "ievcc", ""]) {
      assert.equal(bench().ask(get("/", COOKIE, host)).status, 403, host);
    }
  });
  it("opens a visit by itself on the access point until set-up is done, with a cookie on the first page", () => {
    const b = bench(NEW, FIRST);
    assert.equal(b.ask(get("/")).header("Location"), "/setup/1");
    const cookie = b.ask(get("/setup/1")).header("Set-Cookie");
    assert.match(cookie ?? "", /^ievcc-a1b2=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal(b.logins().visits.length, 1);
    assert.equal(b.ask(get("/setup/1", cookieIn(cookie))).header("Set-Cookie"), null);
    const [one] = b.logins().visits;
    const { changes } = b.ask(post("/mode", `csrf=${one?.csrf}&mode=solar`, cookieIn(cookie)));
    assert.deepEqual(changes, [{ mode: "solar" }]);
  });
  it("changes nothing and throws nothing for 10,000 hostile requests, and answers each at most once", () => {
    const line = fc.tuple(
      fc.constantFrom("GET", "POST", "HEAD", "PUT", "get", ""),
      fc.constantFrom(...PATHS),
      fc.constantFrom("", "?", "?to=//evil.example", "?saved=1", "?live=all", "?%00=%ff", `?${"a".repeat(900)}`),
    );
    const header = fc.constantFrom(
      "Host: a.local\r\n",
      "Host: captive.apple.com\r\n",
      "Host: 1.2.3.4\r\n",
      "Cookie: ievcc-a1b2=\r\n",
      `Cookie: ievcc-a1b2=${"0".repeat(32)}\r\n`,
      `Cookie: ${"a=b;".repeat(200)}\r\n`,
      "Origin: null\r\n",
      "Content-Type: application/x-www-form-urlencoded\r\n",
      "Content-Type: multipart/form-data\r\n",
      "Content-Length: 40\r\n",
      "Accept-Language: pt\r\n",
      "X: \u00e9\r\n",
    );
    const body = fc.constantFrom(
      "",
      "csrf=&mode=solar",
      "csrf=%zz&go=reset",
      "password=%00&to=%0d%0aX:y",
      "=&=&&&",
      "%",
    );
    const request = fc
      .tuple(line, fc.array(header, { maxLength: 6 }), body)
      .map(
        ([[method, path, query], headers, text]) =>
          `${method} ${path}${query} HTTP/1.1\r\nHost: a.local\r\n${headers.join("")}Content-Length: ${text.length}\r\n\r\n${text}`,
      )
      .chain((whole) =>
        fc.constantFrom(
          whole,
          whole.replace("Host: a.local\r\n", ""),
          whole.replace(/Content-Length: 40\r\n/g, ""),
          whole.slice(0, -1),
        ),
      );
    const noise = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(20_000).fill(65)));
    fc.assert(
      fc.property(fc.oneof(request.map(encodeText), noise), fc.constantFrom(HOME, NEW), (bytes, model) => {
        let pages: Pages = { connections: NO_CONNECTIONS, logins: IN };
        let answers = 0;
        for (const event of [open(1), says(1, bytes), says(1, bytes)]) {
          const step = through(pages, event, model);
          pages = step.pages;
          assert.equal(step.change, null);
          assert.ok(step.acts.every((one) => one.kind === "scan" || one.kind === "search"));
          answers += step.effects.filter((one) => one.kind === "pageSend").length;
        }
        assert.ok(answers <= 1 && pages.logins.visits.length <= 4);
      }),
      { numRuns: 10_000 },
    );
  });
  it("opens none for what is no page, for a system's question, once set-up is done, or on the house's network", () => {
    const closed: PortalModel = { ...NEW, radio: NEW.radio === null ? null : { ...NEW.radio, accessPoint: false } };
    const asked: readonly (readonly [PortalModel, string])[] = [
      [NEW, get("/status.json")],
      [NEW, get("/generate_204")],
      [NEW, get("/", "", "captive.apple.com")],
      [{ ...NEW, settings: HOME.settings }, get("/")],
      [closed, get("/")],
      [{ ...NEW, radio: null }, get("/")],
    ];
    for (const [model, request] of asked) {
      const b = bench(model, FIRST);
      assert.equal(b.ask(request).header("Set-Cookie"), null, request);
      assert.equal(b.logins().visits.length, 0);
    }
  });
});
