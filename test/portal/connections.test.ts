import assert from "node:assert/strict";
import fc from "fast-check";
import { type Connections, NO_CONNECTIONS, type PagesEvent, stepPages } from "../../src/portal/connections.js";
import { encodeText } from "../../src/text.js";
import { millis } from "../../src/units.js";
import { CHARGER, CSRF } from "./model.js";

const open = (connection: number): PagesEvent => ({ kind: "page", connection, event: { what: "open" } });
const closed = (connection: number): PagesEvent => ({ kind: "page", connection, event: { what: "closed" } });
const says = (connection: number, text: string): PagesEvent => ({
  kind: "page",
  connection,
  event: { what: "bytes", bytes: encodeText(text) },
});
const GET = "GET / HTTP/1.1\r\nHost: a.local\r\n\r\n";
const FORM = `csrf=${CSRF}&mode=solar`;
const POST = `POST /mode HTTP/1.1\r\nHost: a.local\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${FORM.length}\r\n\r\n${FORM}`;

/** What a row of events at one time comes to. */
function visit(...events: readonly PagesEvent[]) {
  let connections: Connections = NO_CONNECTIONS;
  const effects: string[] = [];
  const changes: unknown[] = [];
  for (const event of events) {
    const step = stepPages(connections, event, () => CHARGER, millis(0));
    connections = step.connections;
    effects.push(...step.effects.map((one) => `${one.kind} ${one.connection}`));
    changes.push(...step.changes);
  }
  return { connections, effects, changes };
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
        let connections: Connections = NO_CONNECTIONS;
        let now = 0;
        for (const [one, wait] of events) {
          now += wait;
          const before = connections.map(({ id }) => id);
          const step = stepPages(connections, one, () => CHARGER, millis(now));
          connections = step.connections;
          const ids = connections.map(({ id }) => id);
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
