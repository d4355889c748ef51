// A PN532 on its serial port, as far as a reader of UIDs uses it: acknowledges, configures itself, lists one card.

import type { Agenda } from "./agenda.js";

export interface Pn532 {
  write(bytes: Uint8Array): void;
  /** A card is held at the antenna for so long. UID in hex. */
  present(uid: string, ms: number): void;
}

const ACK_MS = 5;
const ANSWER_MS = 25;
const SAK: Readonly<Record<number, number>> = Object.freeze({ 4: 0x08, 7: 0x00, 10: 0x00 });

function frame(body: readonly number[]): readonly number[] {
  const sum = body.reduce((a, b) => a + b, 0);
  return [0, 0, 0xff, body.length, (0x100 - body.length) & 0xff, ...body, (0x100 - (sum & 0xff)) & 0xff, 0];
}

export function createPn532(agenda: Agenda, reply: (bytes: Uint8Array) => void): Pn532 {
  let card: readonly number[] | null = null;
  let line: number[] = [];

  const say = (inMs: number, bytes: readonly number[]): void => {
    agenda.after(inMs, () => reply(Uint8Array.from(bytes)));
  };

  function answerTo(command: number): readonly number[] | null {
    if (command === 0x02) return [0xd5, 0x03, 0x32, 0x01, 0x06, 0x07];
    if (command === 0x14) return [0xd5, 0x15];
    if (command === 0x32) return [0xd5, 0x33];
    if (command !== 0x4a) return null;
    if (card === null) return [0xd5, 0x4b, 0];
    return [0xd5, 0x4b, 1, 1, 0x00, card.length === 4 ? 0x04 : 0x44, SAK[card.length] ?? 0, card.length, ...card];
  }

  return {
    write(bytes) {
      line = [...line, ...bytes].slice(-300);
      const at = line.findIndex((byte, index) => byte === 0 && line[index + 1] === 0xff && (line[index + 2] ?? 0) > 0);
      const length = line[at + 2] ?? 0;
      if (at < 0 || line.length < at + 5 + length) return;
      const body = line.slice(at + 4, at + 4 + length);
      line = [];
      if (body[0] !== 0xd4) return;
      say(ACK_MS, [0, 0, 0xff, 0, 0xff, 0]);
      agenda.after(ANSWER_MS, () => {
        const answer = answerTo(body[1] ?? 0);
        if (answer !== null) reply(Uint8Array.from(frame(answer)));
      });
    },
    present(uid, ms) {
      const mine = uid.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
      card = mine;
      agenda.after(ms, () => {
        if (card === mine) card = null;
      });
    },
  };
}
