import assert from "node:assert/strict";
import fc from "fast-check";
import { FLASH_MAP } from "../src/flash-map.js";
import { KEPT, keep, TRUST_LIMIT, type TrustKind, tlsOptions } from "../src/trust.js";
import { unixSeconds } from "../src/units.js";
import { flashModel } from "./flash-model.js";

const PAGE = 256;
const NOW = unixSeconds(1_795_000_000);
const bytes = fc.uint8Array({ minLength: 1, maxLength: TRUST_LIMIT / 2 });
const kind = fc.constantFrom<TrustKind>("mqttCa", "mqttOwn");
const wish = (mqttCa: string, mqttOwn: string) => ({ serverName: "broker", unix: NOW, mqttCa, mqttOwn });

describe("certificates in flash", () => {
  it("come back as they were kept, an authority's alone and a device's with its key", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (ca, certificate, key) => {
        const flash = flashModel();
        const authorities = keep("mqttCa", "", [ca], PAGE);
        const own = keep("mqttOwn", "", [certificate, key], PAGE);
        for (const op of [...authorities.ops, ...own.ops]) flash.apply(op);
        assert.deepEqual(tlsOptions(wish(authorities.kept, own.kept), flash.read), {
          serverName: "broker",
          unix: NOW,
          ca,
          certificate,
          key,
        });
        assert.match(authorities.kept, KEPT);
      }),
      { numRuns: 50 },
    );
  });
  it("are none where none are kept: then the authorities of the program count", () => {
    const none = { serverName: "broker", unix: NOW, ca: null, certificate: null, key: null };
    assert.deepEqual(tlsOptions(wish("", ""), flashModel().read), none);
  });
  it("hold as the old ones or the new ones, however much of the new ones was written when the power went", () => {
    fc.assert(
      fc.property(kind, bytes, bytes, fc.nat(), (of, before, after, cut) => {
        const flash = flashModel();
        const old = keep(of, "", [before], PAGE);
        for (const op of old.ops) flash.apply(op);
        const next = keep(of, old.kept, [after], PAGE);
        for (const op of next.ops.slice(0, cut % (next.ops.length + 1))) flash.apply(op);
        const options = tlsOptions(of === "mqttCa" ? wish(old.kept, "") : wish("", old.kept), flash.read);
        assert.deepEqual(of === "mqttCa" ? options?.ca : options?.certificate, before);
      }),
    );
  });
  it("are gone, and nothing else is believed in their place, when a bit of them has flipped or they never were", () => {
    const flash = flashModel();
    const { ops, kept } = keep("mqttCa", "", [Uint8Array.of(1, 2, 3)], PAGE);
    assert.equal(tlsOptions(wish(kept, ""), flash.read), null);
    for (const op of ops) flash.apply(op);
    assert.equal(tlsOptions(wish(kept.replace(/^./, "1"), ""), flash.read), null);
    const damaged = (sector: number): Uint8Array => flash.read(sector).map((byte, at) => (at === 5 ? byte ^ 1 : byte));
    assert.equal(tlsOptions(wish(kept, ""), damaged), null);
    assert.equal(tlsOptions(wish("", kept), flash.read), null);
  });
  it("of one kind never lie where those of the other do", () => {
    const sectors = (of: TrustKind, before: string): readonly number[] =>
      keep(of, before, [Uint8Array.of(1)], PAGE).ops.map(({ sector }) => sector);
    const { authorities, ownCertificate } = FLASH_MAP;
    assert.deepEqual(
      [...sectors("mqttCa", ""), ...sectors("mqttCa", "0-00000000")],
      [authorities.first, authorities.first, authorities.first + 1, authorities.first + 1],
    );
    assert.ok(sectors("mqttOwn", "").every((sector) => sector === ownCertificate.first));
  });
});
