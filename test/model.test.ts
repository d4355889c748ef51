import assert from "node:assert/strict";
import { GRID_AS_SHIPPED, GRID_SWITCHED_OFF } from "../tools/model/grid-rules.js";
import { AS_SHIPPED, SWITCHED_OFF } from "../tools/model/rules.js";
import { model, soak } from "./beside.js";

describe("the negotiation", () => {
  it("over-commits in no world that an adversary reaches with two faults, of more than 100,000", async () => {
    const { lines } = await model;
    const states = Number(/^(\d+) states visited/.exec(lines.at(-1) ?? "")?.[1] ?? 0);
    console.log(`      ${states} states visited`);
    assert.ok(states > 100_000, lines.join("\n"));
    assert.ok(
      lines.filter((line) => line.includes("all, none breaks")).length === AS_SHIPPED.length + GRID_AS_SHIPPED.length,
      lines.join("\n"),
    );
  }).timeout(300_000);
  for (const { rule } of [...SWITCHED_OFF, ...GRID_SWITCHED_OFF]) {
    it(`is seen to over-commit when rule ${rule}`, async () => {
      const { lines } = await model;
      const line = lines.find((one) => one.startsWith(`rule ${rule}: `)) ?? "";
      assert.ok(line !== "" && !line.includes("NOT FOUND"), line || lines.join("\n"));
    }).timeout(300_000);
  }
  it("keeps S1, S2 and S3 under random faults", async () => {
    const { code, lines } = await soak;
    console.log(`      ${lines.at(-1)}`);
    assert.equal(code, 0, lines.join("\n"));
  }).timeout(300_000);
});
