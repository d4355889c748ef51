import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { Ajv2020 } from "ajv/dist/2020.js";
import { encodeForm } from "../src/portal/form.js";
import { type LiveServer, listenOn } from "../tools/live-server.js";
import {
  type Asked,
  askAll,
  freePorts,
  insiderWith,
  sampleWhere,
  startTestSite,
  type TestSite,
  timelineAfter,
  type WholeReply,
} from "./live-start.js";

const SPEED = 10;
const STATES = ["ievcc/home/charger-1/state", "ievcc/home/meter/state"];
const FORM = "application/x-www-form-urlencoded";
const TYPE = "application/json";
const PAGE = readFileSync(new URL("../docs/openapi.json", import.meta.url), "utf8");

interface Content {
  readonly [type: string]: { readonly examples?: Readonly<Record<string, { readonly value: unknown }>> };
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}
const api: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> } = JSON.parse(PAGE);
const OPERATIONS = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
type Row = (typeof OPERATIONS)[number];
const rowAt = (path: string): Row => OPERATIONS.find((one) => one.path === path) ?? assert.fail(path);

/** Of each operation that takes a body, one that it refuses. */
const REFUSED: Readonly<Record<string, unknown>> = {
  "/api/set": { manualA: 5 },
  "/api/command/mode": "fast",
  "/api/command/current": 5.9,
  "/api/command/enable": 1,
  "/api/command/boost": { id: 8, value: "yes" },
  "/api/command/delay_until": -1,
  "/api/command/departure": { value: { by: 1 } },
};
/** It cannot be brought about from outside at will: test/api.test.ts sees to it. */
const UNSEEN = ["503"];

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
// Keywords of the document around the schemas.
ajv.addVocabulary(Object.keys(JSON.parse(PAGE)));
ajv.addSchema({ $id: "openapi.json", ...JSON.parse(PAGE) });
const pointer = (...parts: readonly string[]): string =>
  `openapi.json#${parts.map((one) => `/${encodeURIComponent(one.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;

/** Fails unless the value is of the schema at this place of the document. */
function fits(value: unknown, ...place: readonly string[]): void {
  const check = ajv.getSchema(pointer(...place)) ?? assert.fail(`no schema at ${place.join(" ")}`);
  assert.ok(check(value), `${place.join(" ")}: ${ajv.errorsText(check.errors)} in ${JSON.stringify(value)}`);
}

describe("docs/openapi.json and running devices", function () {
  this.timeout(60_000);
  const said = new Map<string, string>();
  /** Codes that were seen of each operation. */
  const seen = new Map<string, Set<string>>();
  const tokens = new Map<string, string>();
  let aedes: Aedes;
  let broker: LiveServer;
  let site: TestSite;
  const devices = (): readonly (readonly [kind: string, url: string])[] => [
    ["charger", site.charger],
    ["meter", site.meter],
  ];

  before(async () => {
    const brokerPort = await freePorts(1);
    aedes = await Aedes.createBroker();
    aedes.on("publish", ({ topic, payload }) => void said.set(topic, String(payload)));
    broker = await listenOn(createServer(aedes.handle), brokerPort);
    site = await startTestSite({ speed: SPEED, brokerPort });
    while (!STATES.every((topic) => said.has(topic))) await new Promise((resolve) => setTimeout(resolve, 25));
  });
  after(async () => {
    await site.close();
    await broker.close();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  });

  /** Asks, and holds the answer against the document. */
  async function asks(url: string, row: Row, asked: Asked, query = ""): Promise<WholeReply> {
    const reply = await askAll(url + row.path + query, { ...asked, method: row.method });
    const { operation, path, method } = row;
    const code = String(reply.status);
    assert.ok(Object.hasOwn(operation.responses, code), `${method} ${path}: ${code} is not in the document`);
    assert.equal(reply.headers["content-type"], TYPE);
    fits(JSON.parse(reply.body), "paths", path, method.toLowerCase(), "responses", code, "content", TYPE, "schema");
    seen.set(operation.operationId + path, (seen.get(operation.operationId + path) ?? new Set()).add(code));
    return reply;
  }
  const withToken = (url: string, more: Readonly<Record<string, string>> = {}) => ({
    headers: { Authorization: `Bearer ${tokens.get(url)}`, ...more },
  });
  const json = (url: string, value: unknown): Asked => ({
    ...withToken(url, { "Content-Type": TYPE }),
    body: JSON.stringify(value),
  });
  const anyBody = (url: string, { operation }: Row): Asked =>
    operation.requestBody === undefined ? withToken(url) : json(url, 1);

  /** Presses a button of the page of the interface, as its owner does. */
  async function presses(url: string, go: string): Promise<string> {
    const headers = await insiderWith(url);
    const csrf = /name="csrf" value="([^"]+)"/.exec((await askAll(`${url}/api`, { headers })).body)?.[1] ?? "";
    const form = encodeForm([
      ["csrf", csrf],
      ["go", go],
    ]);
    const posted = { method: "POST", headers: { ...headers, "Content-Type": FORM }, body: form };
    return (await askAll(`${url}/api`, posted)).body;
  }

  it("is a schema in itself, and names an operation for each path once", () => {
    for (const { path, method, operation } of OPERATIONS)
      for (const code of Object.keys(operation.responses))
        assert.ok(
          ajv.getSchema(pointer("paths", path, method.toLowerCase(), "responses", code, "content", TYPE, "schema")),
        );
    assert.equal(new Set(OPERATIONS.map(({ operation }) => operation.operationId + operation.tags)).size > 2, true);
  });
  it("has every operation off until the owner makes a token by the page", async () => {
    for (const [, url] of devices()) {
      for (const row of OPERATIONS) assert.equal((await asks(url, row, anyBody(url, row))).status, 404);
      await presses(url, "newToken");
      tokens.set(url, /class="secret">([0-9a-f]{32})</.exec(await presses(url, "token"))?.[1] ?? assert.fail());
    }
  });
  it("answers nobody without the token, and no stranger's host with it", async () => {
    for (const [, url] of devices())
      for (const row of OPERATIONS) {
        const { headers, ...rest } = anyBody(url, row);
        assert.equal((await asks(url, row, { ...rest, headers: { ...headers, Authorization: "" } })).status, 401);
        const other = { ...headers, Authorization: `Bearer ${"0".repeat(32)}` };
        assert.equal((await asks(url, row, { ...rest, headers: other })).status, 401);
        assert.equal((await asks(url, row, { ...rest, headers: { ...headers, Host: "evil.example" } })).status, 403);
      }
  });
  it("takes each example of the document with 200, and has no operation that is not the device's", async () => {
    for (const [kind, url] of devices())
      for (const row of OPERATIONS) {
        const examples = Object.values(row.operation.requestBody?.content[TYPE]?.examples ?? {});
        const bodies = examples.length === 0 ? [withToken(url)] : examples.map(({ value }) => json(url, value));
        for (const [at, body] of bodies.entries()) {
          const { status } = await asks(url, row, body);
          assert.equal(status, row.operation.tags.includes(kind) ? 200 : 404, `${kind} ${row.path}`);
          const place = ["paths", row.path, "post", "requestBody", "content", TYPE, "schema"];
          if (examples.length > 0) fits(examples[at]?.value, ...place);
        }
      }
  });
  it("refuses with a reason what the document says it refuses, and its schemas refuse it too", async () => {
    const url = site.charger;
    for (const row of OPERATIONS.filter(({ method }) => method === "POST")) {
      const wrong = REFUSED[row.path] ?? assert.fail(`nothing that ${row.path} refuses`);
      assert.equal((await asks(url, row, json(url, wrong))).status, 422, row.path);
      assert.throws(() => fits(wrong, "paths", row.path, "post", "requestBody", "content", TYPE, "schema"), row.path);
      assert.equal((await asks(url, row, { ...withToken(url), body: "1" })).status, 415);
      assert.equal((await asks(url, row, json(url, "x".repeat(600)))).status, 413);
    }
    const sessions = rowAt("/api/sessions");
    assert.equal((await asks(url, sessions, withToken(url), "?month=2026-13")).status, 400);
    for (const { path } of OPERATIONS)
      assert.equal((await askAll(url + path, { ...withToken(url), method: "DELETE" })).status, 405);
  });
  it("gives the state that MQTT gives, of both devices, in the same shape", async () => {
    for (const [kind, url] of devices()) {
      const state = rowAt("/api/state");
      const { body } = await asks(url, state, withToken(url));
      const topic = STATES[kind === "meter" ? 1 : 0] ?? "";
      const retained: Record<string, unknown> = JSON.parse(said.get(topic) ?? "");
      const told: Record<string, unknown> = JSON.parse(body);
      assert.deepEqual(Object.keys(told), Object.keys(retained));
      const schema = kind === "meter" ? "MeterState" : "ChargerState";
      for (const one of [told, retained]) fits(one, "components", "schemas", schema);
    }
  });
  it("leads the car by HTTP within what the house leaves, and gives the session that MQTT gives", async () => {
    const url = site.charger;
    const current = rowAt("/api/command/current");
    /** Some while after the house takes so much, once the car is offered what fits: a busy machine may have made it pause. */
    const offered = async (house: number, fits: (amps: number) => boolean): Promise<number> => {
      const timeline = await timelineAfter(site, { house });
      const { t } = await sampleWhere(timeline, () => true);
      const of = ({ chargers }: Parameters<Parameters<typeof sampleWhere>[1]>[0]): number =>
        chargers["charger-1"]?.offeredA ?? 0;
      const sample = await sampleWhere(timeline, (one) => one.t > t + 20 && fits(of(one)));
      await timeline.return(undefined);
      return of(sample);
    };
    assert.equal((await asks(url, current, json(url, { value: 32, leaseS: 600 }))).status, 200);
    const left = await offered(12, (amps) => amps >= 6);
    assert.ok(left >= 6 && left <= 25 - 3 - 12, `${left} A`);
    assert.equal((await asks(url, current, json(url, { value: 7, leaseS: 600 }))).status, 200);
    assert.equal(await offered(3.2, (amps) => amps === 7), 7);
    const unplugged = await timelineAfter(site, { unplug: "charger-1" });
    const { t } = await sampleWhere(unplugged, () => true);
    await sampleWhere(unplugged, (one) => one.t > t + 30);
    await unplugged.return(undefined);
    const row = rowAt("/api/sessions");
    const { sessions } = JSON.parse((await asks(url, row, withToken(url))).body);
    assert.ok(sessions.length >= 1);
    assert.deepEqual(sessions.at(-1), JSON.parse(said.get("ievcc/home/charger-1/session") ?? "null"));
  });
  it("has been asked for each code that it names", () => {
    for (const { path, operation } of OPERATIONS) {
      const named = Object.keys(operation.responses).filter((code) => !UNSEEN.includes(code));
      assert.deepEqual([...(seen.get(operation.operationId + path) ?? [])].sort(), named.sort(), path);
    }
  });
});
