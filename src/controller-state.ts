// What the controller machine of a charger is made of: what it hears, what it asks for, and all that it remembers.

import type { CardAnswer, Permission } from "./access.js";
import type { CarDraws } from "./car-draws.js";
import type { ChargerLedger } from "./charger-ledger.js";
import type { Minute } from "./charger-minute.js";
import type { Planned } from "./charger-rights.js";
import type { Sessions } from "./charger-sessions.js";
import type { Writing } from "./charger-statement.js";
import type { Device, DeviceEffect, DeviceEvent } from "./device.js";
import type { Draw } from "./draw.js";
import type { EvseSetup, EvseStatus, Lease, Measured, MeasuredAt } from "./lease.js";
import type { ManagerClient } from "./manager-client.js";
import type { MemberAnswer } from "./member.js";
import type { NfcReader } from "./nfc.js";
import type { OtherMeter } from "./other-meter.js";
import type { Outside } from "./outside.js";
import type { LampShow } from "./panel.js";
import type { ChargerAct } from "./portal/acts.js";
import type { History } from "./portal/history.js";
import type { Bus, BusAnswer } from "./pzem-bus.js";
import type { Rights } from "./rights.js";
import type { OneShot } from "./schedule.js";
import type { Sharing } from "./sharing.js";
import type { Milliamps, Millis } from "./units.js";
import type { VoteLog } from "./vote-log.js";
import type { Wants } from "./wants.js";

export type ControllerEvent =
  | DeviceEvent
  | { readonly kind: "status"; readonly status: EvseStatus }
  | { readonly kind: "measured"; readonly measured: Measured }
  | { readonly kind: "serial"; readonly port: "pzem" | "nfc"; readonly bytes: Uint8Array }
  | { readonly kind: "button"; readonly pressed: boolean }
  /** As if a page had asked for it. */
  | { readonly kind: "asked"; readonly act: ChargerAct };

export type ControllerEffect =
  | DeviceEffect
  | { readonly kind: "lease"; readonly lease: Lease }
  | { readonly kind: "setup"; readonly setup: EvseSetup }
  | { readonly kind: "serial"; readonly port: "pzem" | "nfc"; readonly bytes: Uint8Array }
  | { readonly kind: "lamp"; readonly show: LampShow };

export interface Controller {
  readonly device: Device;
  readonly status: EvseStatus | null;
  /** What the EVSE machine's board said when somebody last looked, and when that was. */
  readonly measured: MeasuredAt | null;
  readonly bus: Bus;
  readonly answers: readonly BusAnswer[];
  readonly draw: Draw | null;
  readonly reader: NfcReader;
  readonly permission: Permission;
  /** The card that was presented last, and what was made of it. */
  readonly card: { readonly uid: string; readonly answer: CardAnswer | "enrolled"; readonly at: Millis } | null;
  readonly rights: Rights;
  readonly rightsAt: Millis;
  /** What somebody asked of the schedule for once. */
  readonly shot: OneShot;
  /** Somebody else leads the charger for a while, null: nobody. */
  readonly outside: Outside | null;
  /** Null: there is no schedule. */
  readonly planned: Planned | null;
  readonly minute: Minute;
  readonly sessions: Sessions;
  readonly ledger: ChargerLedger;
  readonly statement: Writing | null;
  readonly sharing: Sharing;
  readonly wants: Wants;
  readonly answer: MemberAnswer;
  /** The central Manager that leads this site, null where its chargers share by themselves. */
  readonly managed: ManagerClient | null;
  readonly lease: Lease | null;
  readonly leasedAt: Millis;
  readonly votes: VoteLog;
  /** Where the arbiter's datagrams come from, null while that is not known. */
  readonly arbiterAddress: string | null;
  /** A report is waiting for a draw that was measured after it: a grid-side meter needs it. */
  readonly owesDraw: boolean;
  /** The draw of the last demand. */
  readonly told: Draw | null;
  /** Cars of the site, and somebody else's meter, for the case that this charger leads. */
  readonly cars: readonly CarDraws[];
  readonly house: readonly Milliamps[] | null;
  readonly meter: OtherMeter;
  readonly readAt: Millis | null;
  readonly publishedAt: Millis;
  readonly published: string;
  readonly lamp: LampShow | null;
  readonly pressedAt: Millis | null;
  readonly history: History;
}

/** Unsure counts as closed: an erase would stop the machine that has to open the contactor. */
export const mayBeClosed = ({ status }: Controller): boolean => status === null || status.contactorClosed;

export const isPlugged = ({ status }: Controller): boolean => status !== null && status.mode !== "available";
