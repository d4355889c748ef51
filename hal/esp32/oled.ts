// An SSD1306 of 128 x 64 pixels on I2C, as eight lines of 21 letters. What they say is decided in src/panel.ts.

import { frozen } from "../../src/frozen.js";
import type { I2cClass } from "./classes.js";
import { columnsOf, LETTER_COLUMNS } from "./oled-font.js";
import type { I2cPins } from "./pn532-i2c.js";

const ADDRESS = 0x3c;
const HZ = 400_000;
const LINES = 8;
const LETTERS = 21;
const WIDTH = 128;
const COMMANDS = 0x00;
const PIXELS = 0x40;

/** Datasheet, section 8.5 and table 9: off, clock, 64 lines, no offset, charge pump, page after page, mirrored as the
 *  modules are mounted, contrast, all from memory, on. */
const START = frozen([
  0xae, 0xd5, 0x80, 0xa8, 0x3f, 0xd3, 0x00, 0x40, 0x8d, 0x14, 0x20, 0x02, 0xa1, 0xc8, 0xda, 0x12, 0x81, 0x7f, 0xd9,
  0xf1, 0xdb, 0x40, 0xa4, 0xa6, 0xaf,
]);

/** One changed line at a call of `refresh`, which takes about 4 ms. A display that does not answer, or was exchanged, is
 *  started again and written whole. */
export function oledOf(I2C: I2cClass, pins: I2cPins) {
  const chip = new I2C({ ...pins, hz: HZ, address: ADDRESS });
  let wanted: readonly string[] = [];
  let shown: (string | null)[] = new Array<string | null>(LINES).fill(null);
  let started = false;

  function draw(page: number, line: string): void {
    chip.write(Uint8Array.from([COMMANDS, 0xb0 | page, 0x00, 0x10]).buffer);
    const pixels = new Uint8Array(1 + WIDTH);
    pixels[0] = PIXELS;
    for (let at = 0; at < Math.min(line.length, LETTERS); at++) {
      pixels.set(columnsOf(line.charAt(at)), 1 + at * (LETTER_COLUMNS + 1));
    }
    chip.write(pixels.buffer);
  }

  return {
    text(lines: readonly string[]): void {
      wanted = lines;
    },
    refresh(): void {
      try {
        if (!started) {
          chip.write(Uint8Array.from([COMMANDS, ...START]).buffer);
          started = true;
        }
        const page = shown.findIndex((line, at) => line !== (wanted[at] ?? ""));
        if (page < 0) return;
        const line = wanted[page] ?? "";
        draw(page, line);
        shown[page] = line;
      } catch {
        started = false;
        shown = new Array<string | null>(LINES).fill(null);
      }
    },
  };
}
