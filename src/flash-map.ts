// Which sectors of a device's own flash hold what: 36 of 4 KiB. Each region is told by its first sector and how many there are.

import { frozen } from "./frozen.js";

export const SECTOR_SIZE = 4_096;
export const SECTORS = 36;
/** The first sectors are handed to a program as it starts; the others it asks for, one at a time. */
export const START_SECTORS = 6;

export const FLASH_MAP = frozen({
  settings: { first: 0, count: 2 },
  boots: { first: 2, count: 2 },
  /** Promises of elections. */
  votes: { first: 4, count: 2 },
  /** The session of a car that goes on, and those that have ended. */
  journal: { first: 6, count: 2 },
  sessions: { first: 8, count: 16 },
  /** People and what they have used, as the site knows them. */
  ledger: { first: 24, count: 8 },
  /** For MQTT over TLS, two sectors in turn each: whom the device trusts; its own certificate and key. */
  authorities: { first: 32, count: 2 },
  ownCertificate: { first: 34, count: 2 },
  /** On a meter, which has neither sessions nor people: samples that emoncms or InfluxDB have not taken yet. */
  feed: { first: 8, count: 24 },
});

export interface Region {
  readonly first: number;
  readonly count: number;
}

/** Of the sectors that a program was handed as it started. */
export const inRegion = (sectors: readonly Uint8Array[], { first, count }: Region): readonly Uint8Array[] =>
  sectors.slice(first, first + count);
