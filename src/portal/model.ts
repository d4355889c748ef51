// What the pages show: the facts of a device at one moment, in the units of the firmware. No HTML and no HTTP.

import type { CardAnswer } from "../access.js";
import type { ChargeMode } from "../charge.js";
import type { Trouble } from "../connect-trouble.js";
import type { FeedFact } from "../feed-state.js";
import type { Found } from "../found.js";
import type { Fault, MeasuredAt } from "../lease.js";
import type { Because, Limit } from "../limits.js";
import type { Money } from "../money.js";
import type { NfcReader } from "../nfc.js";
import type { PersonError } from "../people.js";
import type { BusRefusal, Tally } from "../pzem-bus.js";
import type { OneShot, Scheduled } from "../schedule.js";
import type { Pzem, Settings } from "../settings.js";
import type { Book } from "../site-book.js";
import type { Deciamps, Decivolts, Deciwatts, Milliamps, Millis, UnixSeconds } from "../units.js";
import type { JoinRefusal, Network } from "../wifi.js";

/** The radio as set-up shows it. */
export interface RadioView {
  /** Its own access point is open. */
  readonly accessPoint: boolean;
  /** SSID of the access point. */
  readonly name: string;
  /** Of the access point; shown only until set-up is done. */
  readonly password: string;
  readonly station: "off" | "joining" | "joined";
  readonly address: string | null;
  /** Why the last try to join failed. */
  readonly failed: JoinRefusal | null;
  /** What the station was told to join. */
  readonly ssid: string;
  readonly networks: readonly Network[];
  readonly scanning: boolean;
}

/** What happened and when, for the log page. */
export interface LogLine {
  readonly at: Millis;
  readonly text: string;
}

/** What a search has found. */
export interface FoundView {
  readonly searching: boolean;
  readonly list: readonly Found[];
}

interface Common {
  readonly settings: Settings;
  /** Since boot, of this look. */
  readonly now: Millis;
  /** Wall clock, null while nobody has told it. */
  readonly unix: UnixSeconds | null;
  /** Null: a board on a cable. */
  readonly radio: RadioView | null;
  /** The last 40 lines, newest last. */
  readonly log: readonly LogLine[];
  /** Why the device last started, in English. */
  readonly restarted: string;
  /** Bytes that the chip had left when somebody last looked; null where nobody says. */
  readonly freeMemory: number | null;
  /** Frames of each PZEM, in the order of their addresses. */
  readonly tallies: readonly Tally[];
  /** Of the software. */
  readonly version: string;
  /** Messages of the site that were refused, since boot. */
  readonly refusedMessages: number;
  /** Sentences for the owner: damaged settings, a stuck meter. */
  readonly warnings: readonly string[];
  readonly wifi: "off" | "joining" | "joined";
  /** The device's own address, null while it has none. */
  readonly address: string | null;
  /** Its name on the local network: "ievcc-a1b2.local". */
  readonly host: string;
  readonly mqtt: "off" | "connecting" | "online";
  /** Why it is not online, once something has been tried. */
  readonly mqttTrouble: Trouble | null;
  /** What announces itself on the local network; null: nobody has looked lately. Anybody may announce anything. */
  readonly found: FoundView | null;
  /** Per phase, what the house takes without the cars; null while nobody has said. */
  readonly house: readonly Milliamps[] | null;
}

export interface ChargerModel extends Common {
  readonly device: "charger";
  /** What somebody else's meter said last, per phase, and how long ago; null: nothing, or there is none. */
  readonly otherMeter: { readonly currents: readonly Milliamps[]; readonly age: Millis } | null;
  readonly charger: {
    readonly state: ChargeMode;
    readonly offer: Deciamps;
    readonly because: Because;
    readonly runnerUp: Limit | null;
    /** How long this offer and this reason have held, null while unknown. */
    readonly heldFor: Millis | null;
    /** Per phase, in the order of the wiring; null while the charger's own meter does not answer. */
    readonly draw: readonly Milliamps[] | null;
    readonly contactorClosed: boolean;
    readonly fault: Fault | null;
    /** The EVSE machine answers. */
    readonly evse: boolean;
    readonly report: "fresh" | "stale" | "none";
    /** "none": charging at any time; else whether the schedule lets the car charge now. */
    readonly timer: "none" | "allows" | "holds";
    /** Of the car that is plugged in; null: none. */
    readonly session: SessionView | null;
    /** Of the last look at the board; null before the first. */
    readonly measured: MeasuredAt | null;
    readonly reader: Pick<NfcReader, "phase" | "failures" | "heardAt">;
    /** The card that was presented last. */
    readonly card: CardView | null;
    readonly people: PeopleView;
    readonly plan: PlanView | null;
    /** Sessions that have ended and are kept; and whether a statement is being written to somebody. */
    readonly kept: number;
    readonly writing: boolean;
  };
  /** The last hours, oldest first. */
  readonly history: readonly HistoryPoint[];
}

export interface CardView {
  readonly uid: string;
  readonly answer: CardAnswer | "enrolled";
  readonly at: Millis;
}

export interface PeopleView {
  /** As people.ts reads it. */
  readonly book: Book;
  /** Months since January 2020, null while nobody knows the time. */
  readonly month: number | null;
  /** Id of the person whose card is waited for; null: none. */
  readonly enrolling: number | null;
  /** The card that was enrolled since somebody waited for one. */
  readonly enrolled: string | null;
  /** Why the last change of a person was refused. */
  readonly refused: readonly PersonError[];
}

/** What the schedule says now. */
export interface PlanView extends Pick<Scheduled, "limit" | "name" | "until" | "departure" | "plan"> {
  /** What somebody asked for once. */
  readonly shot: OneShot;
}

export interface SessionView {
  readonly id: number;
  /** Who charges, null: nobody in particular. */
  readonly name: string | null;
  /** With VAT, as far as the session has come; null: no price is known. */
  readonly cost: Money | null;
  readonly currency: number;
  readonly since: Millis;
  /** Null while no meter of the charger has said. */
  readonly energyWh: number | null;
}

/** One point of the plot of the last hours, on the busiest phase; 0.1 A steps. */
export interface HistoryPoint {
  readonly at: Millis;
  readonly houseA: number | null;
  readonly carA: number;
  readonly limitA: number;
}

export interface PzemFact {
  readonly address: number;
  readonly role: Pzem["role"];
  readonly phase: number;
  readonly reading:
    | { readonly ok: true; readonly voltage: Decivolts; readonly current: Milliamps; readonly power: Deciwatts }
    | { readonly ok: false; readonly why: BusRefusal | "notYet" };
}

export interface MeterModel extends Common {
  readonly device: "meter";
  readonly meter: {
    readonly pzems: readonly PzemFact[];
    /** What the last report left for the cars, per phase. */
    /** Null without a reading. */
    readonly budget: readonly Deciamps[] | null;
    /** Chargers that were heard. */
    readonly chargers: number;
    /** emoncms and InfluxDB, as far as they are fed. */
    readonly feeds: readonly FeedFact[];
  };
}

export type PortalModel = ChargerModel | MeterModel;
