// S2: some time after the last fault or change nobody who could have current is left without, or is kept short of it.

import type { Calm } from "./judge-calm.js";
import { carWiring, isWell, MIN_OFFER, type Seen, type View, wants } from "./judged.js";
import type { Broken } from "./rules.js";

/** A pause of a charger, and a few changes of the duty after it. */
const SETTLED_MS = 80_000;
/** An arbiter may have to be found, and its books to be opened. */
const LEASES = 3.06;
/** This much must be free before a charger may be called left out: 6 A, and what is kept back of a noisy reading. */
const SPARE_FOR_ONE = 7.5;
const SPARE_FOR_MORE = 4;
const SHORT_A = 2;
/** A car that draws this near to its offer would take more. */
const AT_OFFER_A = 0.2;

interface Watch {
  since: number | null;
  told: boolean;
}

export function createSharesRule(view: View, calm: Calm, broke: (broken: Broken) => void) {
  const { site } = view;
  const limit = LEASES * site.reportLeaseS * 1_000 + SETTLED_MS;
  const watches = new Map(view.everyone.map((one) => [one, { without: fresh(), short: fresh() }]));

  const spareOn = (one: Seen): number =>
    Math.min(
      ...carWiring(one).map(
        (phase) => (view.budget()[phase - 1] ?? 0) - (view.offered()[phase - 1] ?? 0) - view.reserved(phase - 1),
      ),
    );

  const isLeftOut = (one: Seen, places: number): boolean =>
    one.offer < MIN_OFFER &&
    places > 0 &&
    (site.policy === "fair" || site.phases === 1) &&
    spareOn(one) >= SPARE_FOR_ONE;

  function isKeptShort(one: Seen): boolean {
    if (one.offer < MIN_OFFER || site.policy !== "fair") return false;
    const { maxA, cableA } = one.config;
    const bound = Math.min(maxA, cableA, one.car?.maxA ?? 0);
    const draw = one.draws[0] ?? 0;
    return bound - one.offer > SHORT_A && one.offer - draw <= AT_OFFER_A && spareOn(one) >= SPARE_FOR_MORE;
  }

  function watch(one: Seen, state: Watch, is: boolean, saw: () => string): void {
    const now = view.now();
    if (!is) {
      state.since = null;
      state.told = false;
      return;
    }
    state.since ??= now;
    if (state.told || now - Math.max(state.since, calm.since()) <= limit) return;
    state.told = true;
    broke({ rule: "S2", t: now / 1_000, charger: one.config.id, saw: saw() });
  }

  return {
    /** Looks once a second. */
    second(): void {
      const isWhole = calm.isWhole();
      const offering = view.members().filter((one) => one.offer >= MIN_OFFER).length;
      const places = site.maxCharging > 0 ? site.maxCharging - offering : Number.POSITIVE_INFINITY;
      for (const [one, { without, short }] of watches) {
        const judged = isWhole && wants(one) && isWell(one, view.now());
        watch(
          one,
          without,
          judged && isLeftOut(one, places),
          () => `nothing offered, ${spareOn(one).toFixed(1)} A free`,
        );
        watch(
          one,
          short,
          judged && isKeptShort(one),
          () => `${one.offer} A offered, ${spareOn(one).toFixed(1)} A free`,
        );
      }
    },
  };
}

const fresh = (): Watch => ({ since: null, told: false });
