import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PORTAL_PASSWORD } from "../hal/sim/scenario-settings.js";
import { simulate } from "../hal/sim/simulation.js";

const decoder = new TextDecoder();

interface Row {
  readonly session: string;
  readonly person: string;
  readonly Wh: number;
  readonly cents: number;
}

/** The lines of a statement of RFC 4180 without quotes, by the names of its first line. */
function csvOf(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = "", ...lines] = text.split("\r\n").filter((line) => line !== "");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [names[at] ?? "", value])));
}

const whole = (decimal: string | undefined, digits: number): number => Math.round(Number(decimal) * 10 ** digits);

const rowOf = (line: Readonly<Record<string, string>>): Row => ({
  session: line.session ?? "",
  person: line.person ?? "",
  Wh: whole(line.energy_kWh, 3),
  cents: whole(line.cost, 2),
});

const bySession = (rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((a, b) => Number(a.session) - Number(b.session));
const sumOf = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0);

describe("a month of twelve flats with six chargers", () => {
  it("has every watt-hour of every meter in one session, the same on the device, by MQTT and in the statement", () => {
    const scenario = JSON.parse(readFileSync(new URL("../scenarios/condominium-month.json", import.meta.url), "utf8"));
    const ids: readonly string[] = scenario.chargers.map(({ id }: { id: string }) => id);
    const end = scenario.durationS;
    const visits = ids.flatMap((id, at) => [
      { atS: end + at, visit: id, path: "/sessions.csv?month=2026-10", password: PORTAL_PASSWORD },
      { atS: end + 20 + at, visit: id, path: "/sessions.json?month=2026-10", password: PORTAL_PASSWORD },
    ]);
    const published = new Map<string, Map<string, Row>>(ids.map((id) => [id, new Map()]));
    const pages = new Map<string, string>();
    const result = simulate(
      JSON.stringify({ ...scenario, durationS: end + 40, events: [...scenario.events, ...visits] }),
      {
        onPublish(topic, payload) {
          if (!topic.endsWith("/session")) return;
          const { id, charger, name, energyWh, cost } = JSON.parse(decoder.decode(payload));
          const session = id.slice(charger.length + 1);
          // Again, when the broker did not say that it has it: the id makes that harmless.
          published.get(charger)?.set(session, { session, person: name, Wh: energyWh, cents: Math.round(cost * 100) });
        },
        onAnswer(device, path, bytes) {
          const key = `${device}${path.slice(0, path.indexOf("?"))}`;
          pages.set(key, (pages.get(key) ?? "") + decoder.decode(bytes));
        },
      },
    );
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.summary.broken, []);
    let all = 0;
    for (const id of ids) {
      const bodyOf = (path: string): string => {
        const [head = "", body = ""] = (pages.get(`${id}${path}`) ?? "").split("\r\n\r\n");
        assert.match(head, /^HTTP\/1\.1 200 /, `${id}${path}`);
        return body;
      };
      const lines = csvOf(bodyOf("/sessions.csv"));
      const rows = lines.filter((line) => line.session !== "total").map(rowOf);
      const total = lines.find((line) => line.session === "total");
      assert.deepEqual(bySession(rows), bySession([...(published.get(id)?.values() ?? [])]), id);
      assert.equal(new Set(rows.map(({ session }) => session)).size, rows.length, "no session twice");
      assert.deepEqual(
        [whole(total?.energy_kWh, 3), whole(total?.cost, 2)],
        [sumOf(rows, ({ Wh }) => Wh), sumOf(rows, ({ cents }) => cents)],
      );
      const { sessions, totals } = JSON.parse(bodyOf("/sessions.json"));
      assert.equal(sessions.length, rows.length);
      assert.deepEqual(
        [totals.energyWh, Math.round(totals.costs[0].cost * 100)],
        [sumOf(rows, ({ Wh }) => Wh), sumOf(rows, ({ cents }) => cents)],
      );
      // The registers count whole watt-hours, one for each phase.
      const drawn = (result.summary.energyKWh[id] ?? 0) * 1_000;
      assert.ok(Math.abs(drawn - sumOf(rows, ({ Wh }) => Wh)) <= 3, `${id}: ${drawn}`);
      all += rows.length;
    }
    assert.ok(all > 200, `${all} sessions`);
  }).timeout(300_000);
});
