// Who may charge: everybody, or whoever presents a card that is known and has the right to. A card starts, and presented
// again it stops. A card's UID is not a secret and can be cloned; this keeps neighbours honest, not thieves out.

import { frozen } from "./frozen.js";
import type { Stop } from "./session-record.js";
import { type Millis, millis, minus } from "./units.js";

/** Why a card is not let in, in the words of the log and of the pages. */
export type CardRefusal =
  | "unknown"
  /** A UID of 4 bytes that begins with 08 is another at each presentation. ISO/IEC 14443-3, 6.5.4. */
  | "random"
  | "inactive"
  /** Outside the hours of its person. */
  | "hours"
  /** The energy of the month is used up. */
  | "energyLimit"
  /** Its person's rights depend on the time, and nobody knows it. */
  | "timeUnknown";

/** Whose card it is, 0: nobody's in particular; or why it is not let in. */
export type CardRight = number | CardRefusal;

export interface Permission {
  /** UID of the card that started, null while nobody has. */
  readonly startedBy: string | null;
  readonly person: number;
  readonly since: Millis;
  /** How the one before ended. */
  readonly ended: Stop;
}

export const NOBODY: Permission = frozen({ startedBy: null, person: 0, since: millis(0), ended: "card" });

export type CardAnswer = "started" | "stopped" | "noted" | "notYours" | CardRefusal;

/** A card without a car is good for so long. */
const UNPLUGGED_LIMIT: Millis = millis(3 * 60_000);

export const isRandomUid = (uid: string): boolean => uid.length === 8 && uid.startsWith("08");

/** `right`: of this card now. `free`: everybody may charge, and a card is noted. */
export function presentCard(
  last: Permission,
  uid: string,
  { free, right }: { readonly free: boolean; readonly right: CardRight },
  now: Millis,
): { readonly permission: Permission; readonly answer: CardAnswer } {
  if (free) return { permission: last, answer: "noted" };
  // Whoever has started may stop, whatever became of the right.
  if (last.startedBy === uid) return { permission: ended("card"), answer: "stopped" };
  if (typeof right !== "number") return { permission: last, answer: right };
  if (last.startedBy !== null) return { permission: last, answer: "notYours" };
  return { permission: { startedBy: uid, person: right, since: now, ended: last.ended }, answer: "started" };
}

export const ended = (why: Stop): Permission => ({ ...NOBODY, ended: why });

/** Unplugging ends what a card started. */
export const unplugged = (last: Permission): Permission => (last.startedBy === null ? last : ended("unplugged"));

/** A card that was presented to start, and no car came. */
export const lapsed = (last: Permission, plugged: boolean, now: Millis): boolean =>
  last.startedBy !== null && !plugged && minus(now, last.since) > UNPLUGGED_LIMIT;

/** How a right that is gone ends the session that it allowed. */
export function stopFor(refusal: CardRefusal): Stop {
  switch (refusal) {
    case "hours":
      return "hours";
    case "energyLimit":
      return "energyLimit";
    case "unknown":
    case "random":
    case "inactive":
    case "timeUnknown":
      return "revoked";
  }
}
