import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { PortalModel } from "../../src/portal/model.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import { pilotMillivolts } from "../../src/units.js";
import { CHARGER, MEASURED, METER, STRANGER } from "./model.js";
import { get } from "./pages.js";

/** The lines of the page as people read them, "term: value". */
function linesOf(model: PortalModel): readonly string[] {
  const { body } = get("/diagnostics", model).response;
  return [...body.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map(([, term, value]) => `${term}: ${value}`);
}

const withMeasured = (over: Partial<typeof MEASURED> | null): PortalModel => ({
  ...CHARGER,
  charger: { ...CHARGER.charger, measured: over === null ? null : { ...MEASURED, ...over } },
});

describe("diagnostics page", () => {
  it("shows what a charger's board measures as it was read, each with its unit", () => {
    assert.deepEqual(linesOf(CHARGER), [
      "Pilot, highest: 6.03 V",
      "Pilot, lowest: -12.00 V",
      "Samples in 6 ms: 118",
      "Spread of the three highest, lowest: 20 mV, 13 mV",
      "Duty at the pin: 26.66 %",
      "Contactor, told: Closed",
      "Contactor, contacts: Closed",
      "Proximity: 220 ohm",
      "Temperature: 25.1 °C",
      "Measured: 2 s ago",
      "Phase: Looking for cards",
      "Unanswered in a row: 0",
      "Last answer: 0 s ago",
      "Frames read: 712",
      "Frames failed: 3",
      "Last failure: Answer damaged, 60 s ago",
      "Voltage: 230.1 V",
      "Current: 3.000 A",
      "Power: 690.3 W",
      "Energy: 12345 Wh",
      "Frequency: 50.0 Hz",
      "Power factor: 1.00",
      "Frames read: 0",
      "Frames failed: 715",
      "Last failure: No answer, 1 s ago",
      "Last values: None",
      "Last restart: controller machine silent",
      "Running for: 2 h",
      "Free memory: 120 KiB",
    ]);
  });
  it("shows a meter its PZEMs and why it started, and nothing of a pilot", () => {
    const lines = linesOf(METER);
    assert.equal(lines.length, 9 + 4 + 3);
    assert.ok(lines.every((line) => !/Pilot|Contactor|Phase/.test(line)));
  });
  it("says what a board does not have, and what was never measured or never answered", () => {
    const lines = linesOf(withMeasured({ feedback: null, proximity: null }));
    assert.ok(lines.includes("Contactor, contacts: No feedback on this board"));
    assert.ok(lines.includes("Proximity: Open line"));
    assert.ok(linesOf(withMeasured(null)).includes("EVSE: Not measured yet."));
    const silent = { ...CHARGER.charger, evse: false, measured: null };
    const reader = { phase: "waking", failures: 9, heardAt: null } as const;
    const none = linesOf({ ...CHARGER, charger: { ...silent, reader }, freeMemory: null });
    assert.equal(none[0], "EVSE: Silent");
    assert.ok(none.includes("Last answer: Never") && none.includes("Unanswered in a row: 9"));
    assert.ok(none.every((line) => !line.startsWith("Free memory")));
  });
  it("tells a level at zero without a sign, and a decimal comma where people write one", () => {
    const zero = pilotMillivolts(-3);
    const model = withMeasured({ samples: { count: 3, high: [zero, zero, zero], low: [zero, zero, zero] } });
    assert.ok(linesOf(model).includes("Pilot, highest: 0.00 V"));
    const settings = { ...CHARGER.settings, language: "pt" } as const;
    assert.ok(linesOf({ ...CHARGER, settings }).includes("Piloto, máximo: 6,03 V"));
  });
  it("has the board measured again for each look, by somebody who is logged in, and loads itself again", () => {
    const { response, acts } = get("/diagnostics", CHARGER);
    assert.deepEqual([acts, response.headers], [[{ kind: "look" }], [["Refresh", "2"]]]);
    assert.deepEqual(get("/diagnostics", CHARGER, STRANGER).acts, []);
  });
  it("is linked from the device's page, which says why the device started", () => {
    for (const model of [CHARGER, METER]) {
      const { body } = get("/device", model).response;
      assert.ok(body.includes('href="/diagnostics"'));
      assert.match(body, /<dt>Last restart<\/dt><dd>controller machine silent<\/dd>/);
    }
  });
  it("shows the words of a bug as text", () => {
    const { body } = get("/diagnostics", { ...CHARGER, restarted: "bug: <b>&" }).response;
    assert.ok(body.includes("bug: &lt;b&gt;&amp;") && !body.includes("<b>"));
  });
  it("is named line by line in the list of what to measure first on a new board", () => {
    const list = readFileSync("docs/hardware.md", "utf8").replace(/\s+/g, " ");
    const { about: _about, phases: _phases, board: _board, notYet: _notYet, ...rest } = textsOf("en").diagnostics;
    const {
      noFeedback: _none,
      openLine: _open,
      never: _never,
      none: _no,
      values: _values,
      reader: _reader,
      ...lines
    } = rest;
    for (const line of Object.values(lines)) assert.ok(list.includes(`**${line}**`), line);
  });
});
