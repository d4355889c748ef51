import assert from "node:assert/strict";
import fc from "fast-check";
import { BACKUP_FORMAT, type ReadBackup, readBackup, writeBackup } from "../src/backup.js";
import { hexOf } from "../src/bytes.js";
import { seal } from "../src/seal.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { settingsJson } from "../src/settings-text.js";
import { encodeText } from "../src/text.js";

const PASSPHRASE = "correct horse";
const SEAL = { passphrase: PASSPHRASE, salt: new Uint8Array(16).fill(9) };

function made(patch: object): Settings {
  const changed = change(DEFAULTS, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

const RICH = made({
  id: "garage",
  phases: 3,
  wiring: [2, 3, 1],
  houseMaxA: 3.5,
  priceCents: 15.5,
  wifiSsid: `Casa "é" \\ <&>`,
  wifiPassword: "hush hush",
  mqttPassword: `"quoted" é`,
  siteKey: "ab".repeat(16),
  portalPassword: "hush-hush",
  cards: ["04A1B2C3D4E5F6"],
  pzems: [{ address: 7, role: "grid", phase: 2 }],
  roster: [
    { id: "garage", wiring: [2, 3, 1], failsafeA: 0 },
    { id: "b", wiring: [1], failsafeA: 6 },
  ],
  siteVersion: 12,
  timeZone: "Europe/Lisbon",
  tariff: {
    currency: "EUR",
    vatPct: 23,
    plan: {
      periods: ["night", "day"],
      rules: [{ period: 0, days: "1234567", from: "22:00", to: "08:00", season: "winter", months: [11, 2] }],
      other: 1,
    },
    prices: [0.1, "0,2"],
  },
  schedule: {
    windows: [{ days: "12345", from: "08:00", to: "20:00", limitA: 0 }],
    departures: [{ days: "6", at: "07:30", needWh: 12000 }],
  },
  language: "pt",
  setUp: true,
});

const text = (settings = RICH, secrets: typeof SEAL | null = SEAL): string =>
  writeBackup(settings, "charger", "0.1.0", secrets);

function restored(on: Settings, backup: string, passphrase: string): Settings {
  const read = readBackup(backup, "charger", passphrase);
  assert.ok(read.ok, JSON.stringify(read));
  const changed = change(on, read.patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

const refused = (backup: string, passphrase = ""): Exclude<ReadBackup, { ok: true }> => {
  const read = readBackup(backup, "charger", passphrase);
  assert.ok(!read.ok);
  return read;
};

describe("backup of the settings", () => {
  it("gives another device the same settings, byte for byte", () => {
    assert.deepEqual(settingsJson(restored(DEFAULTS, text(), PASSPHRASE)), settingsJson(RICH));
    const other = made({ id: "other", cards: ["5CBBE5D5"], wifiPassword: "something" });
    assert.deepEqual(settingsJson(restored(other, text(), PASSPHRASE)), settingsJson(RICH));
  });
  it("survives being pasted with other line ends", () => {
    assert.deepEqual(restored(DEFAULTS, text().replaceAll("\n", "\r\n"), PASSPHRASE), RICH);
  });
  it("holds no secret but under its passphrase, and leaves those of the device alone without one", () => {
    for (const backup of [text(), text(RICH, null)]) assert.doesNotMatch(backup, /hush|quoted|abab/);
    const own = made({ wifiPassword: "own-secret", portalPassword: "own-portal" });
    for (const backup of [text(), text(RICH, null)]) {
      const after = restored(own, backup, "");
      assert.deepEqual([after.id, after.wifiPassword, after.portalPassword], ["garage", "own-secret", "own-portal"]);
    }
  });
  it("holds no certificates, nor where they lie in this device's flash", () => {
    const own = made({ mqttCa: "1-01ab23cd", mqttOwn: "0-01ab23cd" });
    assert.ok(!/mqttCa|mqttOwn/.test(text(own)));
    const foreign = text().replace('"mqttHost"', '"mqttCa": "0-ffffffff",\n"mqttHost"');
    assert.equal(restored(own, foreign, PASSPHRASE).mqttCa, "1-01ab23cd");
  });
  it("does not open under another passphrase", () => {
    assert.deepEqual(refused(text(), "correct Horse"), { ok: false, why: "passphrase" });
    assert.deepEqual(refused(text().replace(/"secrets": "../, '"secrets": "zz'), PASSPHRASE), {
      ok: false,
      why: "passphrase",
    });
  });
  it("of software that knew fewer secrets brings those it has", () => {
    const few = encodeText(JSON.stringify(["old-wifi", "old-mqtt"]));
    const sealed = hexOf(seal(PASSPHRASE, SEAL.salt, few));
    const after = restored(RICH, text().replace(/"secrets": "[0-9a-f]+"/, `"secrets": "${sealed}"`), PASSPHRASE);
    assert.deepEqual([after.wifiPassword, after.mqttPassword, after.siteKey], ["old-wifi", "old-mqtt", RICH.siteKey]);
  });
  it("of a newer format is refused with the reason, whatever stands in it", () => {
    const newer = text().replace(`"ievcc": ${BACKUP_FORMAT}`, '"ievcc": 2').replace('"mode"', '"moods"');
    assert.deepEqual(refused(newer), { ok: false, why: "newer", format: 2 });
  });
  it("names the line that is broken, or that holds a setting nobody knows", () => {
    const lines = text().split("\n");
    const at = lines.findIndex((line) => line.startsWith('"mode"'));
    const withLine = (line: string): string => lines.map((one, index) => (index === at ? line : one)).join("\n");
    assert.deepEqual(refused(withLine('"mode": auto,')), {
      ok: false,
      why: "broken",
      line: at + 1,
    });
    assert.deepEqual(refused(withLine('"moods": 1,')), {
      ok: false,
      why: "unknown",
      line: at + 1,
    });
    assert.deepEqual(refused(lines.slice(0, 9).join("\n")), { ok: false, why: "broken", line: 9 });
  });
  it("of another kind of device, or of none, is no backup", () => {
    for (const other of [
      writeBackup(RICH, "meter", "0.1.0", null),
      "{}",
      "[]",
      "3",
      '{"ievcc":1,"device":"charger"}',
    ]) {
      assert.deepEqual(refused(other), { ok: false, why: "notABackup" });
    }
  });
  it("is answered without a throw, whatever part of it was changed", () => {
    const whole = text();
    const place = fc.integer({ min: 0, max: whole.length });
    fc.assert(
      fc.property(place, place, fc.string({ maxLength: 3 }), (from, length, put) => {
        const read = readBackup(whole.slice(0, from) + put + whole.slice(from + (length % 9)), "charger", "");
        if (read.ok) change(DEFAULTS, read.patch);
      }),
    );
  });
});
