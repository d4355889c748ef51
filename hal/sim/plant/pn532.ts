// A PN532 on its serial port, as far as a reader of UIDs uses it: acknowledges, configures itself, lists one card or two.

import type { Agenda } from "./agenda.js";

export interface Pn532 {
  write(bytes: Uint8Array): void;
  /** A card is held at the antenna for so long, beside those that are there. UID in hex. */
  present(uid: string, ms: number): void;
  /** Without power it forgets all; with it again it sleeps until it is woken, and looks for a card without end. */
  power(on: boolean): void;
}

const ACK_MS = 5;
const ANSWER_MS = 25;
const WAKE_UP = 0x55;
const SAK: Readonly<Record<number, number>> = Object.freeze({ 4: 0x08, 7: 0x00, 10: 0x00 });
/** Of SENS_RES: how long the UID is (ISO 14443-3). */
const SIZE: Readonly<Record<number, number>> = Object.freeze({ 4: 0x04, 7: 0x44, 10: 0x84 });

function frame(body: readonly number[]): readonly number[] {
  const sum = body.reduce((a, b) => a + b, 0);
  return [0, 0, 0xff, body.length, (0x100 - body.length) & 0xff, ...body, (0x100 - (sum & 0xff)) & 0xff, 0];
}

const target = (uid: readonly number[], at: number): readonly number[] => [
  at + 1,
  0,
  SIZE[uid.length] ?? 0,
  SAK[uid.length] ?? 0,
  uid.length,
  ...uid,
];

export function createPn532(agenda: Agenda, reply: (bytes: Uint8Array) => void): Pn532 {
  let cards: readonly (readonly number[])[] = [];
  let line: number[] = [];
  let powered = true;
  let awake = true;
  /** It gives up a search that finds nothing. */
  let patient = false;
  /** Since its last start: what was to be said before it is not said after it. */
  let life = 0;

  function say(inMs: number, bytes: () => readonly number[] | null): void {
    const mine = life;
    agenda.after(inMs, () => {
      const said = mine === life ? bytes() : null;
      if (said !== null) reply(Uint8Array.from(said));
    });
  }

  function answerTo(command: number, most: number): readonly number[] | null {
    if (command === 0x02) return [0xd5, 0x03, 0x32, 0x01, 0x06, 0x07];
    if (command === 0x14) return [0xd5, 0x15];
    if (command === 0x32) {
      patient = false;
      return [0xd5, 0x33];
    }
    if (command !== 0x4a) return null;
    const seen = cards.slice(0, most);
    if (seen.length === 0 && patient) return null;
    return [0xd5, 0x4b, seen.length, ...seen.flatMap(target)];
  }

  return {
    write(bytes) {
      if (!powered) return;
      if (bytes.includes(WAKE_UP)) awake = true;
      if (!awake) return;
      line = [...line, ...bytes].slice(-300);
      const at = line.findIndex((byte, index) => byte === 0 && line[index + 1] === 0xff && (line[index + 2] ?? 0) > 0);
      const length = line[at + 2] ?? 0;
      if (at < 0 || line.length < at + 5 + length) return;
      const body = line.slice(at + 4, at + 4 + length);
      line = [];
      if (body[0] !== 0xd4) return;
      say(ACK_MS, () => [0, 0, 0xff, 0, 0xff, 0]);
      say(ANSWER_MS, () => {
        const answer = answerTo(body[1] ?? 0, body[2] ?? 0);
        return answer === null ? null : frame(answer);
      });
    },
    present(uid, ms) {
      const mine = uid.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
      cards = [...cards, mine];
      agenda.after(ms, () => {
        cards = cards.filter((one) => one !== mine);
      });
    },
    power(on) {
      life++;
      powered = on;
      awake = false;
      patient = true;
      line = [];
    },
  };
}
