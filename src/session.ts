// What a car has had since it was plugged in and allowed: energy by the registers of the charger's own PZEMs, in the period of
// the tariff in which it flowed. It knows no price and no flash; who may charge is access.ts.

import { frozen } from "./frozen.js";
import { type ClosedSession, type OpenMark, PERIODS, type Stop } from "./session-record.js";
import {
  type Deciamps,
  deciamps,
  higher,
  type Millis,
  millis,
  minus,
  plus,
  type UnixSeconds,
  unixSeconds,
  type WattHours,
  wattHours,
} from "./units.js";

export type Registers = readonly WattHours[];

export interface Session {
  readonly id: number;
  /** 0: nobody in particular. */
  readonly person: number;
  /** UID of the card, upper-case hex; empty: none was needed. */
  readonly idToken: string;
  /** When it began; before the boot (negative) for one that a power cut interrupted. */
  readonly since: Millis;
  /** Null: nobody knows the time yet. */
  readonly startedAt: UnixSeconds | null;
  /** Sum of the registers when it began; null before the first reading. */
  readonly meterStart: WattHours | null;
  /** Of each PZEM as it was read last; null before the first reading. */
  readonly registers: Registers | null;
  readonly readAt: Millis;
  /** For each period of the tariff. */
  readonly energy: Registers;
  readonly peak: Deciamps;
  readonly idle: Millis;
  readonly idleAt: Millis | null;
  readonly disturbed: boolean;
  /** It ends as soon as the contactor is open and the meter was read after that. */
  readonly ending: { readonly stop: Stop; readonly since: Millis } | null;
}

/** The register of a PZEM-004T goes on from 0 after 9999.999 kWh. Datasheet, 2.3. */
const ROLL_OVER = 10_000_000;
/** What one phase of the largest charger can have taken in an hour, Wh, and what a reading may be off. */
const MOST_PER_HOUR = 80 * 265;
const SLACK = 20;
/** With a power cut between: a mark is this old at the most, and nothing flows without supply. */
const SINCE_MARK: Millis = millis(3_600_000);
/** A meter that does not answer holds the end up no longer. */
const END_LIMIT: Millis = millis(30_000);
const NOTHING: Registers = frozen(Array.from({ length: PERIODS }, () => wattHours(0)));

export interface Who {
  readonly person: number;
  readonly idToken: string;
}

/** `registers`: as they were when the last session ended, or null; so what flows between two is the next one's. */
export const beginSession = (
  id: number,
  who: Who,
  registers: Registers | null,
  unix: UnixSeconds | null,
  now: Millis,
): Session => ({
  id,
  person: who.person,
  idToken: who.idToken,
  since: now,
  startedAt: unix,
  meterStart: registers === null ? null : sumOf(registers),
  registers,
  readAt: now,
  energy: NOTHING,
  peak: deciamps(0),
  idle: millis(0),
  idleAt: null,
  disturbed: false,
  ending: null,
});

/** The session that a power cut interrupted, from its last mark. */
export const resumedSession = (mark: OpenMark, now: Millis): Session => ({
  ...beginSession(mark.id, mark, mark.registers.length > 0 ? mark.registers : null, mark.startedAt, now),
  since: millis(now - mark.durationS * 1_000),
  meterStart: mark.meterStart,
  readAt: minus(now, SINCE_MARK),
  energy: mark.energy,
  peak: mark.peak,
  idle: millis(mark.idleS * 1_000),
  disturbed: true,
});

const sumOf = (list: Registers): WattHours => wattHours(list.reduce((sum, one) => sum + one, 0));

/** All that it has had, Wh. */
export const energyOf = ({ energy }: Session): WattHours => sumOf(energy);

/** What a register has gained, Wh; null: it is another meter's, or was set, and says nothing of what flowed. `most`: what
 *  can have flowed. A register that was reset to 0 has gained what it shows. */
function gained(before: WattHours, now: WattHours, most: number): number | null {
  if (now >= before) return now - before <= most ? now - before : null;
  if (now + ROLL_OVER - before <= most) return now + ROLL_OVER - before;
  return null;
}

/** The session after all registers were read, in the tariff's period `period`, with the largest draw of the moment. What a
 *  reset or another meter hides is not counted, and the session says that it was disturbed. */
export function metered(last: Session, registers: Registers, period: number, draw: Deciamps, now: Millis): Session {
  const { registers: before } = last;
  if (before === null || before.length !== registers.length) {
    const disturbed = last.disturbed || before !== null;
    return { ...last, registers, readAt: now, meterStart: last.meterStart ?? sumOf(registers), disturbed };
  }
  const most = (MOST_PER_HOUR * minus(now, last.readAt)) / 3_600_000 + SLACK;
  let energy = 0;
  let { disturbed } = last;
  for (const [index, register] of registers.entries()) {
    const gain = gained(before[index] ?? register, register, most);
    if (gain !== null) energy += gain;
    else if (register <= most) {
      // Reset to 0: what it shows has flowed since.
      energy += register;
      disturbed = true;
    } else disturbed = true;
  }
  const peak = higher(last.peak, draw);
  const same = energy === 0 && disturbed === last.disturbed && peak === last.peak;
  const counted = same
    ? last.energy
    : last.energy.map((one, index) => (index === period ? wattHours(one + energy) : one));
  return { ...last, registers, readAt: now, energy: counted, peak, disturbed };
}

/** Counts the time in which the car takes nothing although it may, once it has had something. */
export function idling(last: Session, takesNothing: boolean, now: Millis): Session {
  const counts = takesNothing && energyOf(last) > 0;
  if (counts === (last.idleAt !== null)) return last;
  if (last.idleAt === null) return { ...last, idleAt: now };
  return { ...last, idleAt: null, idle: plus(last.idle, minus(now, last.idleAt)) };
}

/** Plugged in, allowed and taking nothing, s. */
export const idleSeconds = (session: Session, now: Millis): number => seconds(idleAll(session, now));

const idleAll = ({ idle, idleAt }: Session, now: Millis): Millis =>
  idleAt === null ? idle : plus(idle, minus(now, idleAt));

/** The first reason holds. */
export const ending = (last: Session, stop: Stop, now: Millis): Session =>
  last.ending === null ? { ...last, ending: { stop, since: now } } : last;

/** All that it had is counted: the contactor is open, and every register was read after the reason for its end. */
export function hasEnded({ ending: end, readAt }: Session, contactorClosed: boolean, now: Millis): boolean {
  if (end === null) return false;
  return (!contactorClosed && readAt > end.since) || minus(now, end.since) > END_LIMIT;
}

/** Once the time is known: when it began. */
export const dated = (last: Session, unix: UnixSeconds, now: Millis): Session =>
  last.startedAt === null ? { ...last, startedAt: beganAt(last.since, unix, now) } : last;

export const beganAt = (since: Millis, unix: UnixSeconds, now: Millis): UnixSeconds =>
  unixSeconds(unix - Math.round(minus(now, since) / 1_000));

const seconds = (ms: Millis): number => Math.round(ms / 1_000);

const measured = (session: Session, now: Millis): Omit<OpenMark, "registers"> => ({
  id: session.id,
  person: session.person,
  idToken: session.idToken,
  meterStart: session.meterStart ?? wattHours(0),
  energy: session.energy,
  peak: session.peak,
  durationS: seconds(minus(session.ending?.since ?? now, session.since)),
  idleS: idleSeconds(session, now),
  startedAt: session.startedAt,
  disturbed: session.disturbed,
});

/** How far it has come, for the journal. */
export const markOf = (session: Session, now: Millis): OpenMark => ({
  ...measured(session, now),
  registers: session.registers ?? [],
});

/** It has ended: for the ring. */
export const closedOf = (
  session: Session,
  stop: Stop,
  price: Pick<ClosedSession, "cost" | "vat" | "currency">,
  now: Millis,
): ClosedSession => ({ ...measured(session, now), stop, ...price, published: false });
