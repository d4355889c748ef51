// `npm run model [-- --large] [-- --rules]`: the negotiation searched exhaustively within bounds, as it ships and with each
// rule switched off. Prints the states visited. Exit 1 when the rules as they ship break, or a rule switched off is not found.

import { join } from "node:path";
import { parseOptions } from "./arguments.js";
import { explore, type Found } from "./model/explore.js";
import { exploreGrid, loadReckoning } from "./model/grid.js";
import { GRID_AS_SHIPPED, GRID_LARGE, GRID_SWITCHED_OFF } from "./model/grid-rules.js";
import { AS_SHIPPED, LARGE, SWITCHED_OFF, switchedOff } from "./model/rules.js";
import { loadFirmware } from "./model/world.js";
import { ROOT } from "./xs/modules.js";

const parsed = parseOptions(process.argv.slice(2), { large: "flag", rules: "flag", shipped: "flag" });
if (!parsed.ok) {
  console.error(parsed.why);
  process.exit(2);
}
const { flags } = parsed.options;
let failed = 0;
let states = 0;

function tellShipped(name: string, found: Found): void {
  states += found.states;
  const end = found.violation === null ? (found.whole ? "all, none breaks" : "none breaks; stopped there") : "BROKEN";
  console.log(`${name}: ${found.states} states, ${end}`);
  if (found.violation === null) return;
  failed += 1;
  console.log(`  ${found.violation.saw}\n  ${found.violation.acts.join("\n  ")}`);
}

function tellSwitchedOff(rule: string, found: Found): void {
  const saw = found.violation?.saw ?? "NOT FOUND";
  if (found.violation === null) failed += 1;
  console.log(`rule ${rule}: ${saw}, after ${found.states} states; ${found.violation?.acts.join(", ") ?? ""}`);
}

if (!flags.has("rules")) {
  const large = flags.has("large");
  const shipped = await loadFirmware(join(ROOT, "src"));
  for (const { name, bound } of large ? LARGE : AS_SHIPPED) tellShipped(name, explore(shipped, bound));
  const reckoning = await loadReckoning(join(ROOT, "src"));
  for (const { name, bound } of large ? GRID_LARGE : GRID_AS_SHIPPED) tellShipped(name, exploreGrid(reckoning, bound));
}
if (!flags.has("shipped")) {
  for (const [index, one] of SWITCHED_OFF.entries()) {
    tellSwitchedOff(one.rule, explore(await loadFirmware(switchedOff(one, index)), one.bound));
  }
  for (const [index, one] of GRID_SWITCHED_OFF.entries()) {
    const folder = switchedOff(one, SWITCHED_OFF.length + index);
    tellSwitchedOff(one.rule, exploreGrid(await loadReckoning(folder), one.bound));
  }
}
console.log(`${states} states visited, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
