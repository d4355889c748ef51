// A page storm, a broker that comes back and the reports of a large site at once: what they cost a charger's two machines.

import { PORTAL_PASSWORD } from "../../hal/sim/scenario-settings.js";
import { atMost, type Figure, shown } from "../figure.js";
import { CREATIONS, type XsEngine } from "./engine.js";
import { MEMBERS, siteOfMany } from "./many.js";
import { played, type Recorded, type Recording, recorded } from "./playing.js";

/** In 1 s at some 200 ns a computron on the chip; the lease goes on for 5 s. */
const LONGEST_TURN = 5_000_000;
/** 10 ms of its 20, likewise. */
const LONGEST_TICK = 50_000;

const STORM_S = 45;
const BROWSERS = 8;
/** By then the storm is over. */
const CALM_S = 50;

/** The broker goes and comes back while browsers log in and ask for the largest pages, a car is unplugged, and the reports
 *  of 64 go on. */
function storm(): Recorded {
  const visitor = { visit: "charger-1", count: BROWSERS, password: PORTAL_PASSWORD };
  return recorded(
    siteOfMany(MEMBERS, "meter", [
      { atS: STORM_S - 5, broker: "down" },
      { atS: STORM_S - 1, ...visitor, path: "/" },
      { atS: STORM_S, broker: "up" },
      { atS: STORM_S, ...visitor, path: "/home" },
      { atS: STORM_S + 0.3, unplug: "charger-1" },
      { atS: STORM_S + 0.5, ...visitor, path: "/" },
    ]),
  );
}

/** What the storm asks of a charger's two machines. That the contactor opens in its 100 ms is judged in the run itself. */
export function stormFigures(xs: XsEngine): readonly Figure[] {
  const { summary, of } = storm();
  const name = `a page storm, the broker back and reports of ${MEMBERS} at once`;
  const controller = of("controller");
  const during: Recording = { ...controller, events: controller.events.filter(([, at]) => at < CALM_S * 1_000) };
  const lived = played(xs, during, CREATIONS.controller, (STORM_S - 1) * 1_000);
  const evse = played(xs, of("evse"), CREATIONS.evse, 0);
  if (typeof lived === "string") return [atMost(`${name}: restarts in the device's RAM`, 1, 0, lived)];
  if (typeof evse === "string") return [atMost(`${name}: restarts of the EVSE machine`, 1, 0, evse)];
  return [
    atMost(`${name}: restarts in the device's RAM`, 0, 0, ""),
    atMost(`${name}: rules broken, the 100 ms of the contactor among them`, summary.broken.length, 0, ""),
    atMost(`${name}: the controller's longest turn`, lived.longest, LONGEST_TURN, "computrons"),
    shown(`${name}: the controller's second`, Math.round(lived.sum / (CALM_S - STORM_S + 1)), "computrons"),
    shown("EVSE machine: a tick of 20 ms", Math.round(evse.sum / evse.turns), "computrons"),
    atMost("EVSE machine: its longest tick", evse.longest, LONGEST_TICK, "computrons"),
  ];
}
