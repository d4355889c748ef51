import assert from "node:assert/strict";
import { turns } from "./beside.js";

describe("turns", () => {
  it("give five cars with room for three energies that differ by less than one turn after two hours", async () => {
    const { lines } = await turns;
    const { energyKWh, broken } = JSON.parse(lines.at(-1) ?? "");
    const energies: readonly number[] = Object.values(energyKWh);
    // 15 minutes, and 90 s to hand over.
    const turnKWh = (7 * 230 * 990) / 3_600_000;
    assert.deepEqual(broken, []);
    assert.ok(Math.max(...energies) - Math.min(...energies) < turnKWh, energies.join(", "));
  }).timeout(300_000);
});
