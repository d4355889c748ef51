// The contactor: contacts that follow the coil a little later, or not at all.

import type { Agenda, Handle } from "./agenda.js";

export type ContactorFault = "none" | "welded" | "stuck-open";

const CLOSES_IN = 20;
const OPENS_IN = 8;

export interface Contactor {
  coil(on: boolean): void;
  closed(): boolean;
  spoil(fault: ContactorFault): void;
  fault(): ContactorFault;
  cycles(): number;
}

/** `moved` is called at the very time at which the contacts have moved. */
export function createContactor(agenda: Agenda, moved: (closed: boolean) => void): Contactor {
  let coil = false;
  let closed = false;
  let fault: ContactorFault = "none";
  let cycles = 0;
  let coming: Handle | null = null;

  function follow(): void {
    coming = null;
    const goal = fault === "welded" ? closed : fault === "stuck-open" ? false : coil;
    if (goal === closed) return;
    closed = goal;
    if (closed) cycles++;
    moved(closed);
  }

  function plan(): void {
    if (coming !== null) coming.cancelled = true;
    coming = agenda.after(coil ? CLOSES_IN : OPENS_IN, follow);
  }

  return {
    coil(on) {
      if (on === coil) return;
      coil = on;
      plan();
    },
    closed: () => closed,
    spoil(next) {
      fault = next;
      plan();
    },
    fault: () => fault,
    cycles: () => cycles,
  };
}
