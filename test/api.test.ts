import assert from "node:assert/strict";
import fc from "fast-check";
import { API_ROWS } from "../src/api.js";
import { answerProgram } from "../src/charger-api.js";
import { stateJson } from "../src/charger-view.js";
import { COMMANDS, PAYLOAD_LIMIT } from "../src/commands.js";
import { type ControllerEffect, factsOf } from "../src/controller.js";
import { type MeterEffect, type MeterEvent, meterFactsOf, startMeter, stepMeter } from "../src/meter-node.js";
import { meterStateJson } from "../src/meter-view.js";
import { NO_SUMS } from "../src/statement.js";
import { millis } from "../src/units.js";
import { ALONE, brokerDesk } from "./broker-desk.js";
import { BEARER, get, JSON_TYPE, post, program, TOKEN } from "./program.js";
import { bootOf, settingsOf } from "./site.js";
import { visitor } from "./visitor.js";

const PASSWORD = "sol-e-chuva";
const OWNED = { setUp: true, portalPassword: PASSWORD };
const WRONG = `Authorization: Bearer ${TOKEN.slice(1)}0\r\n`;

function charger(patch: object = {}) {
  const desk = brokerDesk({ ...ALONE, apiToken: TOKEN, ...patch });
  return { desk, ...program(desk) };
}

function meter(patch: object = {}) {
  const settings = settingsOf({
    id: "meter",
    apiToken: TOKEN,
    pzems: [{ address: 1, role: "house", phase: 1 }],
    ...patch,
  });
  let { state } = startMeter(bootOf(settings, 3), millis(0));
  const log: MeterEffect[] = [];
  const give = (event: MeterEvent): void => {
    const step = stepMeter(state, event, millis(1_000));
    state = step.state;
    log.push(...step.effects);
  };
  return { state: () => state, ...program({ give, log }) };
}

const whyOf = (body: string): unknown => JSON.parse(body).why;

describe("the interface for programs", () => {
  it("is off without a token: every path says how to turn it on, and nothing opens it", () => {
    const off = charger({ apiToken: "" });
    for (const headers of ["", BEARER, "Authorization: Bearer \r\n", 'Authorization: Bearer ""\r\n'])
      for (const path of ["/api/state", "/api/", "/api/command/enable", "/api/nothing"]) {
        const { status, body } = off.get(path, headers);
        assert.deepEqual([status, whyOf(body)], [404, "is off: the page /api of this device makes a token"]);
      }
    assert.equal(off.post("/api/command/enable", "false").status, 404);
    assert.equal(off.desk.state().outside, null);
  });
  it("answers nobody without its token: none, another, one too many, another kind, or a login's cookie", () => {
    const { asks, post: posts, desk } = charger(OWNED);
    const owner = visitor({
      give: (connection, event) => desk.give({ kind: "page", connection, event }),
      sent: () => desk.log.flatMap((one) => (one.kind === "pageSend" ? [one.bytes] : [])).at(-1),
    });
    owner.logIn(PASSWORD);
    const strangers = ["", WRONG, `Authorization: Bearer ${TOKEN}0\r\n`, BEARER + BEARER, BEARER + WRONG];
    const others = [
      `Authorization: Basic ${TOKEN}\r\n`,
      `Authorization: ${TOKEN}\r\n`,
      `Cookie: ${owner.cookie()}\r\n`,
    ];
    for (const headers of [...strangers, ...others]) {
      const { status, head, body } = asks(get("/api/state", headers));
      assert.deepEqual([status, whyOf(body)], [401, "needs the header Authorization: Bearer TOKEN"], headers);
      assert.match(head, /^WWW-Authenticate: Bearer$/m);
      assert.equal(posts("/api/command/enable", "false", headers + JSON_TYPE).status, 401);
      assert.equal(asks(get("/api/nothing", headers)).status, 401);
    }
    assert.equal(desk.state().outside, null);
    assert.equal(asks(get("/api/state", `authorization:  bearer ${TOKEN}\r\n`)).status, 200);
  });
  it("finds no token in a body, nor behind the head", () => {
    const { asks } = charger();
    const hidden = `\r\n${BEARER}\r\n`;
    assert.equal(asks(post("/api/command/enable", hidden, JSON_TYPE)).status, 401);
    assert.equal(asks(get("/api/state", "") + hidden).status, 401);
  });
  it("opens no page with the token", () => {
    const { get: gets } = charger(OWNED);
    assert.equal(gets("/status.json").status, 401);
    assert.match(gets("/mode").head, /^Location: \/login\?to=\/mode$/m);
    assert.match(gets("/api").head, /^Location: \/login/m);
  });
  it("gives exactly the retained state, of a charger and of a meter", () => {
    const { desk, get: gets } = charger();
    const { status, head, body } = gets("/api/state");
    assert.deepEqual([status, body], [200, stateJson(factsOf(desk.state(), millis(desk.now())))]);
    assert.match(head, /^Content-Type: application\/json$/m);
    assert.match(head, /^Cache-Control: no-store$/m);
    assert.doesNotMatch(head, /Access-Control/);
    const told = meter();
    assert.equal(told.get("/api/state").body, meterStateJson(meterFactsOf(told.state(), millis(1_000))));
  });
  it("takes a request in whatever pieces it comes", () => {
    const { asks, desk } = charger();
    const whole = post("/api/command/current", '{"id":1,"value":9}');
    for (let at = 1; at < whole.length; at++)
      assert.equal(asks(whole.slice(0, at), whole.slice(at)).status, 200, String(at));
    assert.equal(asks(...whole).status, 200);
    assert.equal(desk.state().outside?.amps, 90);
  });
  it("refuses another host, method, path, kind of body and a long body, each with a reason", () => {
    const { asks, get: gets, post: posts } = charger();
    assert.equal(asks(get("/api/state").replace("192.168.1.20", "evil.example")).status, 403);
    const wrong = asks(get("/api/state", BEARER, "PUT"));
    assert.deepEqual([wrong.status, /^Allow: (.*)$/m.exec(wrong.head)?.[1]], [405, "GET"]);
    assert.equal(asks(get("/api/state", BEARER, "OPTIONS")).status, 405);
    assert.match(gets("/api/set").head, /^Allow: POST$/m);
    for (const path of [
      "",
      "nothing",
      "state/",
      "state/x",
      "command",
      "command/",
      "command/set",
      "command/mode/",
      "set/x",
      "__proto__",
    ])
      assert.equal(gets(`/api/${path}`).status, 404, path);
    assert.deepEqual(JSON.parse(posts("/api/command/fly", "1").body), {
      ok: false,
      why: "unknown command",
      field: "fly",
    });
    for (const type of ["", "Content-Type: text/plain\r\n", "Content-Type: application/jsonp\r\n"])
      assert.equal(posts("/api/set", '{"priority":1}', BEARER + type).status, 415);
    assert.equal(posts("/api/command/enable", " ".repeat(PAYLOAD_LIMIT + 1)).status, 413);
    for (const query of ["month=2026-13", "month=x", "person=x", "month=%"])
      assert.equal(gets(`/api/sessions?${query}`).status, 400, query);
  });
  it("has no commands and no sessions of a meter", () => {
    const told = meter();
    for (const { of, path, method } of Object.values(API_ROWS)) {
      if (of.includes("meter")) continue;
      const whole = path.endsWith("/") ? `${path}mode` : path;
      assert.equal((method === "GET" ? told.get(whole) : told.post(whole, "1")).status, 404);
    }
  });
  it("gives the sessions, one statement at a time", () => {
    const { get: gets, desk } = charger();
    const none = { charger: "c1", month: "2026-11", sessions: [], totals: { sessions: 0, energyWh: 0, costs: [] } };
    assert.deepEqual(JSON.parse(gets("/api/sessions?month=2026-11").body), none);
    const { device } = desk.state();
    const headers = [["authorization", `Bearer ${TOKEN}`]] as const;
    const request = { method: "GET", path: "/api/sessions", query: "", host: "a.local", headers, body: "" };
    const report = { format: "json", person: null, month: null, decimal: "." } as const;
    const statement = { connection: 8, report, sectors: [9], sums: NO_SUMS, at: millis(0) };
    const effects: ControllerEffect[] = [];
    const busy = {
      ...desk.state(),
      statement,
      device: { ...device, asked: { connection: 7, request } },
    };
    assert.equal(answerProgram(busy, effects, millis(0)).state.statement, statement);
    const sent = effects.flatMap((one) => (one.kind === "pageSend" ? [String.fromCharCode(...one.bytes)] : []));
    assert.match(sent.join(""), /^HTTP\/1\.1 503 [\s\S]*^Retry-After: 2\r$[\s\S]*"why":"another statement/m);
  });
});

describe("a command by HTTP", () => {
  it("is answered as by MQTT, to whoever asked and to nobody else", () => {
    const { post: posts, desk } = charger();
    const { status, body } = posts("/api/command/current", '{"id":"a7","value":9.55}');
    assert.deepEqual(
      [status, JSON.parse(body)],
      [200, { id: "a7", command: "current", ok: true, why: null, field: null }],
    );
    const refused = posts("/api/command/current", "5");
    const why = "must be 0, or from 6 to 80 A";
    assert.deepEqual(
      [refused.status, JSON.parse(refused.body)],
      [422, { command: "current", ok: false, why, field: "current" }],
    );
    assert.ok(desk.said().every(({ topic }) => !topic.endsWith("/result")));
  });
  it("is a lease of 60 s, and then the charger is in its own mode", () => {
    const { post: posts, desk } = charger();
    posts("/api/command/current", "9.55");
    desk.waits(59_000);
    assert.deepEqual([desk.lease().offer, desk.lease().because], [95, "manual"]);
    desk.waits(2_000);
    assert.equal(desk.lease().offer, 200);
    posts("/api/command/enable", '{"value":false,"leaseS":5}');
    desk.waits(4_000);
    assert.equal(desk.lease().offer, 0);
    desk.waits(2_000);
    assert.equal(desk.lease().offer, 200);
  });
  it("does what the same command does by MQTT, whatever its payload", () => {
    const payloads = [
      "1",
      "0",
      "true",
      "false",
      "null",
      '"auto"',
      "auto",
      "{}",
      '{"value":16}',
      '{"by":1900000000,"needWh":5}',
      "",
      "[]",
    ];
    for (const name of Object.keys(COMMANDS))
      for (const payload of payloads) {
        const [one, other] = [charger(), charger()];
        const { body } = one.post(`/api/command/${name}`, payload);
        other.desk.hears(`ievcc/home/c1/command/${name}`, payload);
        assert.equal(
          body,
          other.desk
            .said()
            .filter(({ topic }) => topic.endsWith("/result"))
            .at(-1)?.text,
        );
        const [a, b] = [one.desk.state(), other.desk.state()];
        assert.deepEqual(
          [a.outside, a.shot, a.device.settings],
          [b.outside, b.shot, b.device.settings],
          `${name} ${payload}`,
        );
      }
  });
  it("changes the settings of every day and no others, as the pages check them", () => {
    const { post: posts, desk } = charger();
    assert.equal(posts("/api/set", '{"manualA":8,"priority":3}').status, 200);
    const { settings } = desk.state().device;
    assert.deepEqual([settings.manualA, settings.priority], [8, 3]);
    for (const patch of ['{"manualA":5}', '{"apiToken":""}', '{"maxA":80}', "{}", "[]"])
      assert.equal(posts("/api/set", patch).status, 422, patch);
    assert.deepEqual(desk.state().device.settings, settings);
  });
});

/** Pieces of requests that collide often, and any bytes. */
const PIECES = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...[
        "GET ",
        "POST ",
        "PUT ",
        "/api/",
        "state",
        "set",
        "command/",
        "enable",
        "current",
        "sessions",
        "?month=",
        "all",
      ],
      ...[
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        "Host: a.local\r\n",
        "Host: evil.example\r\n",
        "\r\n",
        "\r\n\r\n",
        JSON_TYPE,
      ],
      ...[
        "Authorization: Bearer ",
        "Authorization:",
        WRONG,
        "Content-Length: 5\r\n",
        "false",
        '{"value":',
        '{"mode":"auto"}',
      ],
    ),
    fc.string({ maxLength: 12, unit: "binary" }),
    fc.uint8Array({ maxLength: 12 }),
  ),
  { maxLength: 24 },
);
const ANSWERS = [0, 200, 400, 401, 403, 404, 405, 413, 415, 422, 431, 501, 503, 505];

describe("hostile programs", () => {
  it("change nothing without the token, whatever they send", () => {
    const { desk, asks } = charger();
    const kept = (): unknown => {
      const { device, outside, shot, statement } = desk.state();
      return [device.settings, outside, shot, statement, device.asked, device.connections];
    };
    const before = kept();
    fc.assert(
      fc.property(PIECES, fc.boolean(), (pieces, begun) => {
        const { status, body } = asks(
          ...(begun ? ["POST /api/command/enable HTTP/1.1\r\nHost: a.local\r\n", ...pieces] : pieces),
        );
        assert.ok(ANSWERS.includes(status), String(status));
        assert.ok(!body.includes(TOKEN));
        assert.deepEqual(kept(), before);
      }),
      { numRuns: 500 },
    );
  });
  it("with the token get an answer to any path and body, and JSON is all they get", () => {
    const { asks } = charger();
    const path = fc.array(
      fc.constantFrom("state", "set", "command", "sessions", "mode", "current", "/", "?", "%", "x"),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(path, fc.oneof(fc.json(), fc.string()), fc.constantFrom("GET", "POST"), (parts, text, method) => {
        const body = text.replace(/[^\x20-\x7e]/g, "");
        const request = post(`/api/${parts.join("")}`, body).replace(/^POST/, method);
        const answer = asks(request);
        assert.ok(ANSWERS.includes(answer.status) && answer.status !== 0);
        assert.match(answer.head, /^Content-Type: application\/json$/m);
        if (!answer.body.startsWith('{"charger"')) assert.doesNotThrow(() => JSON.parse(answer.body));
      }),
      { numRuns: 500 },
    );
  });
});
