// The certificates that TLS needs, which are too long for the settings: each kind lies in flash, in one of two sectors of its
// own. A setting says which of the two holds, and by a check of what is in it, so that it holds as a whole or not at all.

import type { TlsOptions } from "../hal/ports.js";
import { eraseOf, type FlashOp } from "./boot-count.js";
import { joined, readBytes, writeBytes } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { FLASH_MAP, SECTOR_SIZE } from "./flash-map.js";
import { frozen } from "./frozen.js";
import type { Settings } from "./settings.js";
import type { UnixSeconds } from "./units.js";

/** Of the kept bytes in all: a sector without its head. */
export const TRUST_LIMIT = 4_000;
/** Length, and that of the first of two parts. */
const HEAD = 4;

const SECTORS = frozen({ mqttCa: FLASH_MAP.authorities, mqttOwn: FLASH_MAP.ownCertificate });
export type TrustKind = keyof typeof SECTORS;

/** What a setting holds: "" for nothing, or the sector of two and eight hex digits of the check. */
export const KEPT = /^(?:|[01]-[0-9a-f]{8})$/;

const checkOf = (body: Uint8Array): string => crc32(body).toString(16).padStart(8, "0");

export interface Keeping {
  readonly ops: readonly FlashOp[];
  /** The setting, to be changed once these are asked for. */
  readonly kept: string;
}

/** Writes one or two parts, at most TRUST_LIMIT bytes, into the sector that does not hold now: what held is there until the
 *  setting says otherwise. */
export function keep(kind: TrustKind, before: string, parts: readonly Uint8Array[], pageSize: number): Keeping {
  const body = joined(...parts);
  const place = before.startsWith("0") ? 1 : 0;
  const sector = SECTORS[kind].first + place;
  const head = writeBytes(HEAD);
  head.u16(body.length);
  head.u16(parts[0]?.length ?? 0);
  const bytes = joined(head.bytes(), body);
  const ops = [eraseOf(sector)];
  for (let offset = 0; offset < bytes.length; offset += pageSize)
    ops.push({ kind: "write", sector, offset, bytes: bytes.slice(offset, offset + pageSize) });
  return { ops, kept: `${place}-${checkOf(body)}` };
}

/** Erases what does not hold any more: the sector that a setting does not name, or both. A key must not lie there for good. */
export function forget(kind: TrustKind, kept: string): readonly FlashOp[] {
  const { first, count } = SECTORS[kind];
  const others = Array.from({ length: count }, (_, at) => at).filter((at) => String(at) !== kept.charAt(0));
  return others.map((at) => eraseOf(first + at));
}

type Read = (sector: number) => Uint8Array;

/** The two parts that a setting stands for; null: they are not there, or are damaged. */
function keptParts(kind: TrustKind, kept: string, read: Read): readonly [Uint8Array, Uint8Array] | null {
  const reader = readBytes(read(SECTORS[kind].first + Number(kept.charAt(0))));
  const [length, first] = [reader.u16(), reader.u16()];
  if (length > SECTOR_SIZE - HEAD || first > length) return null;
  const body = reader.raw(length);
  return checkOf(body) === kept.slice(2) ? [body.slice(0, first), body.slice(first)] : null;
}

/** That a stream is to be private, as a program asks for it: what lies in flash is looked up by whoever opens the stream. */
export interface TlsWish {
  readonly serverName: string;
  /** The time now, null: unknown. */
  readonly unix: UnixSeconds | null;
  /** As the settings of these names. */
  readonly mqttCa: string;
  readonly mqttOwn: string;
}

export const wishOf = (serverName: string, { mqttCa, mqttOwn }: Settings, unix: UnixSeconds | null): TlsWish => ({
  serverName,
  unix,
  mqttCa,
  mqttOwn,
});

/** The wish with what it needs; null: something that was kept is not there any more, and nothing else must be believed. */
export function tlsOptions({ serverName, unix, mqttCa, mqttOwn }: TlsWish, read: Read): TlsOptions | null {
  const ca = mqttCa === "" ? [null] : keptParts("mqttCa", mqttCa, read);
  const own = mqttOwn === "" ? [null, null] : keptParts("mqttOwn", mqttOwn, read);
  if (ca === null || own === null) return null;
  return { serverName, unix, ca: ca[0] ?? null, certificate: own[0] ?? null, key: own[1] ?? null };
}
