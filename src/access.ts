// Who may charge: everybody, or whoever presents a known card. A card starts, and presented again it stops.
// A card's UID is not a secret and can be cloned; this keeps neighbours honest, not thieves out.

import { frozen } from "./frozen.js";

export interface Access {
  readonly free: boolean;
  /** Upper-case hex UIDs. */
  readonly cards: readonly string[];
}

export interface Permission {
  /** UID of the card that started, null while nobody has. */
  readonly startedBy: string | null;
}

export const NOBODY: Permission = frozen({ startedBy: null });

export type CardAnswer = "started" | "stopped" | "unknown" | "noted" | "notYours";

export function presentCard(
  last: Permission,
  uid: string,
  access: Access,
): { readonly permission: Permission; readonly answer: CardAnswer } {
  if (access.free) return { permission: last, answer: "noted" };
  if (!access.cards.includes(uid)) return { permission: last, answer: "unknown" };
  if (last.startedBy === null) return { permission: { startedBy: uid }, answer: "started" };
  if (last.startedBy !== uid) return { permission: last, answer: "notYours" };
  return { permission: NOBODY, answer: "stopped" };
}

/** Unplugging ends what a card started. */
export const unplugged = (last: Permission): Permission => (last.startedBy === null ? last : NOBODY);

/** A card taken off the list ends the session it started. */
export const mayCharge = (permission: Permission, access: Access): boolean =>
  access.free || (permission.startedBy !== null && access.cards.includes(permission.startedBy));
