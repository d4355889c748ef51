import assert from "node:assert/strict";
import fc from "fast-check";
import { countBoot, type FlashOp } from "../src/boot-count.js";

const SIZE = 64;
const erased = () => new Uint8Array(SIZE).fill(0xff);

function apply(sectors: Uint8Array[], ops: readonly FlashOp[], bytes = Number.POSITIVE_INFINITY): void {
  let left = bytes;
  for (const op of ops) {
    const sector = sectors[op.sector - 2];
    assert.ok(sector);
    if (op.kind === "erase" && left-- > 0) sector.fill(0xff);
    for (const [index, byte] of op.bytes.entries())
      if (left-- > 0) sector[op.offset + index] = (sector[op.offset + index] ?? 0) & byte;
  }
}

describe("boot count", () => {
  it("counts every boot, through many changes of the sector", () => {
    const sectors = [erased(), erased()];
    for (let boots = 1; boots <= 500; boots++) {
      const { boot, ops } = countBoot(sectors, 2);
      assert.equal(boot, boots);
      apply(sectors, ops);
    }
  });
  it("never falls back when the power goes after any byte of any write", () => {
    const sectors = [erased(), erased()];
    for (let boots = 1; boots <= 200; boots++) {
      const { boot, ops } = countBoot(sectors, 2);
      const total = ops.reduce((sum, op) => sum + 1 + op.bytes.length, 0);
      for (let cut = 0; cut <= total; cut++) {
        const torn = sectors.map((one) => one.slice());
        apply(torn, ops, cut);
        assert.ok(countBoot(torn, 2).boot >= boot, `boot ${boot} cut after ${cut}`);
      }
      apply(sectors, ops);
    }
  });
  it("takes any flash contents without a throw", () => {
    const sector = fc.uint8Array({ minLength: SIZE, maxLength: SIZE });
    fc.assert(fc.property(sector, sector, (a, b) => countBoot([a, b], 2).boot > 0));
  });
});
