// The site's book of people at a charger: read from flash, kept in it, told to the other chargers, and what a page or a card
// changes of it. What a book is and how two become one stands in site-book.ts.

import { sendBySite } from "./carriers.js";
import { type Controller, type ControllerEffect, mayBeClosed } from "./controller-state.js";
import { crc32 } from "./crc32.js";
import { FLASH_MAP } from "./flash-map.js";
import {
  type Entered,
  enterPerson,
  type PersonError,
  parsePerson,
  peopleOf,
  personJson,
  personOf,
  removePerson,
} from "./people.js";
import type { ChargerAct } from "./portal/acts.js";
import { energyOf, type Session } from "./session.js";
import type { Outgoing } from "./sharing.js";
import type { Book } from "./site-book.js";
import {
  type BookLog,
  hearBookSector,
  keepRecords,
  nextBookOp,
  nextBookSector,
  startBookLog,
} from "./site-book-log.js";
import { decodeBook, encodeBook } from "./site-book-message.js";
import { type BookEvent, type BookSync, isBookDue, startBookSync, stepBook } from "./site-book-sync.js";
import { seal } from "./site-channel.js";
import { encodeText } from "./text.js";
import { type Millis, millis, plus, type WattHours, wattHours } from "./units.js";
import { authorOf, usageRecord, usedAt } from "./usage.js";

export interface ChargerLedger {
  readonly book: Book;
  readonly log: BookLog;
  readonly sync: BookSync;
  /** The sector that was asked for at start, null: none is on its way. */
  readonly reading: number | null;
  /** Of the session that goes on: what of its energy the book knows, and for which month. */
  readonly counted: {
    readonly session: number;
    readonly energy: WattHours;
    readonly month: number;
  };
  /** The next card is this person's, until then. */
  readonly enrolling: { readonly person: number; readonly until: Millis } | null;
  /** What the last change of a person was refused with, and the card that was enrolled last. */
  readonly refused: readonly PersonError[];
  readonly enrolled: string | null;
}

/** Time to find the card. */
const ENROL: Millis = millis(60_000);
const USAGE_STEP = 10;

export const startLedger = (seed: number, now: Millis): ChargerLedger => ({
  book: new Uint8Array(0),
  log: startBookLog(FLASH_MAP.ledger.first),
  sync: startBookSync(seed, now),
  reading: null,
  counted: { session: 0, energy: wattHours(0), month: 0 },
  enrolling: null,
  refused: [],
  enrolled: null,
});

export const knowsPeople = ({ log }: ChargerLedger): boolean => nextBookSector(log) === null;

/** At each tick: reads the book at start, writes what has changed, counts what is used, and speaks with the others. */
export function withLedger(last: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { ledger } = last;
  const sector = nextBookSector(ledger.log);
  if (sector !== null) {
    if (ledger.reading !== null) return last;
    effects.push({ kind: "read", sector });
    return { ...last, ledger: { ...ledger, reading: sector } };
  }
  let state = withUsage(last, effects, now);
  if (isBookDue(state.ledger.sync, now)) state = synced(state, { kind: "tick" }, effects, now);
  const op = nextBookOp(state.ledger.log, state.ledger.book, !mayBeClosed(state));
  if (op !== null) {
    effects.push(op.op);
    state = { ...state, ledger: { ...state.ledger, log: op.log } };
  }
  const { enrolling } = state.ledger;
  return enrolling !== null && now >= enrolling.until
    ? { ...state, ledger: { ...state.ledger, enrolling: null } }
    : state;
}

/** Usage of the session that goes on goes into the book with each of its marks in flash, so that after a power cut the mark
 *  says what the book knows; and when the month ends. */
function withUsage(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { current } = state.sessions;
  const { month } = state.minute;
  if (current === null || current.person === 0 || month === null) return state;
  const { counted } = state.ledger;
  const same = counted.session === current.id && counted.month === month;
  const known = state.sessions.marked.energy < counted.energy + USAGE_STEP;
  return same && known ? state : countUsage(state, current, effects, now);
}

/** A session goes on after a power cut: what its mark says, the book knows. */
export function resumeUsage(ledger: ChargerLedger, session: Session, month: number | null): ChargerLedger {
  const energy = wattHours(Math.floor(energyOf(session) / USAGE_STEP) * USAGE_STEP);
  return { ...ledger, counted: { session: session.id, energy, month: month ?? ledger.counted.month } };
}

const NOT_COUNTED = { energy: wattHours(0) } as const;

/** What a session took since the book last heard of it, in whole 10 Wh, in the month in which it was taken. While nobody
 *  knows the time it counts in no month. */
export function countUsage(state: Controller, session: Session, effects: ControllerEffect[], now: Millis): Controller {
  const { ledger, device } = state;
  const { month } = state.minute;
  if (month === null || session.person === 0) return state;
  const counted = ledger.counted.session === session.id ? ledger.counted : { ...NOT_COUNTED, month };
  const gained = Math.floor((energyOf(session) - counted.energy) / USAGE_STEP) * USAGE_STEP;
  const next = { session: session.id, energy: wattHours(counted.energy + gained), month };
  const author = authorOf(
    device.settings.id,
    device.settings.roster.map((one) => one.id),
  );
  const used = wattHours(usedAt(ledger.book, author, session.person, counted.month) + gained);
  const kept = { ...state, ledger: { ...ledger, counted: next } };
  if (gained === 0) return kept;
  const records = usageRecord(author, session.person, counted.month, used);
  return synced(kept, { kind: "changed", records }, effects, now);
}

/** What the session that goes on took in a month, and the book does not know yet. */
export function ownUsage({ sessions, ledger }: Controller, person: number): WattHours {
  const { current } = sessions;
  if (current === null || current.person !== person) return wattHours(0);
  const known = ledger.counted.session === current.id ? ledger.counted.energy : 0;
  return wattHours(Math.max(0, energyOf(current) - known));
}

/** The book after an event of its own: news goes to flash, and to the others of the site. */
function synced(state: Controller, event: BookEvent, effects: ControllerEffect[], now: Millis): Controller {
  const { ledger } = state;
  const step = stepBook(ledger.sync, ledger.book, event, { now, month: state.minute.month });
  if (step.sync === ledger.sync && step.book === ledger.book && step.sends.length === 0) return state;
  const log = keepRecords(ledger.log, step.changed);
  const next = { ...state, ledger: { ...ledger, book: step.book, sync: step.sync, log } };
  const { channel } = state.sharing;
  const sends = step.sends.flatMap((message): readonly Outgoing[] => {
    const bytes = seal(channel, { kind: "book", bytes: encodeBook(message) });
    return bytes === null ? [] : [{ to: "everyone", kind: "book", bytes }];
  });
  return sends.length === 0 ? next : { ...next, device: sendBySite(next.device, sends, null, effects, now) };
}

/** A message of the site about its book. */
export function bookHeard(state: Controller, bytes: Uint8Array, effects: ControllerEffect[], now: Millis): Controller {
  const message = knowsPeople(state.ledger) ? decodeBook(bytes) : null;
  return message === null ? state : synced(state, { kind: "heard", message }, effects, now);
}

/** A sector of the book has come, as the device starts. */
export function ledgerSector(state: Controller, sector: number, bytes: Uint8Array): Controller {
  const { ledger } = state;
  if (ledger.reading !== sector) return state;
  const heard = hearBookSector(ledger.log, ledger.book, bytes);
  return { ...state, ledger: { ...ledger, ...heard, reading: null } };
}

type PeopleAct = Extract<ChargerAct, { readonly kind: "person" | "removePerson" | "enrol" }>;

/** What somebody at a page does to the people; what is refused is shown there. */
export function changePeople(state: Controller, act: PeopleAct, effects: ControllerEffect[], now: Millis): Controller {
  switch (act.kind) {
    case "enrol": {
      const enrolling = act.id === 0 ? null : { person: act.id, until: plus(now, ENROL) };
      return { ...state, ledger: { ...state.ledger, enrolling, refused: [], enrolled: null } };
    }
    case "removePerson":
      return entered(state, removePerson(state.ledger.book, act.id), effects, now);
    case "person": {
      const id = act.id === "byName" ? idOf(state.ledger.book, act.person.name) : act.id;
      const who = id > 0 ? { id } : { chance: chanceOf(state, now) };
      return entered(state, enterPerson(state.ledger.book, act.person, who), effects, now);
    }
  }
}

/** 0: nobody has the name. */
function idOf(book: Book, name: string): number {
  for (const one of peopleOf(book)) if (one.name === name) return one.id;
  return 0;
}

/** For the id of a new person: no secret. */
const chanceOf = ({ device }: Controller, now: Millis): number => crc32(encodeText(`${device.seed} ${now}`));

function entered(state: Controller, result: Entered, effects: ControllerEffect[], now: Millis): Controller {
  if (result.ok) {
    const next = synced(state, { kind: "changed", records: result.records }, effects, now);
    return { ...next, ledger: { ...next.ledger, refused: [] } };
  }
  for (const { field, why } of result.errors) effects.push({ kind: "log", text: `person refused: ${field} ${why}` });
  return { ...state, ledger: { ...state.ledger, refused: result.errors } };
}

/** The card that somebody waits for at a page: it is that person's from now on, unless it is refused. Null: nobody waits for
 *  one. */
export function enrolled(state: Controller, uid: string, effects: ControllerEffect[], now: Millis): Controller | null {
  const { enrolling, book } = state.ledger;
  const person = enrolling === null ? null : personOf(book, enrolling.person);
  if (enrolling === null || now >= enrolling.until || person === null) return null;
  const done = { ...state, ledger: { ...state.ledger, enrolling: null, enrolled: uid } };
  if (person.cards.includes(uid)) return done;
  const checked = parsePerson({ ...personJson(person), cards: [...person.cards, uid] });
  const result: Entered = checked.ok ? enterPerson(book, checked.person, { id: person.id }) : checked;
  return entered(result.ok ? done : { ...done, ledger: { ...done.ledger, enrolled: null } }, result, effects, now);
}
