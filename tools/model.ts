// `npm run model [-- --large] [-- --rules]`: the negotiation searched exhaustively within bounds, as it ships and with each
// rule switched off. Prints the states visited. Exit 1 when the rules as they ship break, or a rule switched off is not found.

import { join } from "node:path";
import { parseOptions } from "./arguments.js";
import { explore } from "./model/explore.js";
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
if (!flags.has("rules")) {
  const shipped = await loadFirmware(join(ROOT, "src"));
  for (const { name, bound } of flags.has("large") ? LARGE : AS_SHIPPED) {
    const found = explore(shipped, bound);
    states += found.states;
    const end = found.violation === null ? (found.whole ? "all, none breaks" : "none breaks; stopped there") : "BROKEN";
    console.log(`${name}: ${found.states} states, ${end}`);
    if (found.violation !== null) {
      failed += 1;
      console.log(`  ${found.violation.saw}\n  ${found.violation.acts.join("\n  ")}`);
    }
  }
}
if (!flags.has("shipped")) {
  for (const [index, one] of SWITCHED_OFF.entries()) {
    const found = explore(await loadFirmware(switchedOff(one, index)), one.bound);
    const saw = found.violation?.saw ?? "NOT FOUND";
    if (found.violation === null) failed += 1;
    console.log(`rule ${one.rule}: ${saw}, after ${found.states} states; ${found.violation?.acts.join(", ") ?? ""}`);
  }
}
console.log(`${states} states visited, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
