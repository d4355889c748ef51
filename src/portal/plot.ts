// The plot of the last hours as a drawing (SVG) with its words beside it for those who cannot see it.

import type { Millis } from "../units.js";
import { escapeHtml } from "./form.js";
import type { HistoryPoint } from "./model.js";
import { filled } from "./texts/texts.js";
import { amperes, type View } from "./view.js";

const WIDTH = 320;
const HEIGHT = 110;
const HOURS = 6;
const SPAN = HOURS * 3_600_000;

type Value = "houseA" | "carA" | "limitA";

export function plot(view: View, points: readonly HistoryPoint[], now: Millis): string {
  const { texts } = view;
  if (points.length < 2) return `<p class="hint">${escapeHtml(texts.daily.plotEmpty)}</p>`;
  const [house, car, limit] = [largest(points, "houseA"), largest(points, "carA"), largest(points, "limitA")];
  const top = Math.max(10, Math.ceil(Math.max(house, car, limit) / 10) * 10);
  const words = filled(texts.daily.plotOf, String(HOURS), ...[house, car, limit].map((one) => amperes(view, one)));
  const lines = drawn(points, "limitA", "l", top, now) + drawn(points, "houseA", "h", top, now);
  const key = (kind: string, name: string): string =>
    `<li><svg viewBox="0 0 24 10" aria-hidden="true"><polyline class="${kind}" points="0,5 24,5"></polyline></svg> ${escapeHtml(name)}</li>`;
  return `<svg viewBox="0 0 360 130" role="img" aria-label="${escapeHtml(words)}">${grid(top)}${lines}${drawn(points, "carA", "c", top, now)}</svg><ul class="key">${key("h", texts.daily.house)}${key("c", texts.daily.car)}${key("l", texts.daily.limit)}</ul>`;
}

const largest = (points: readonly HistoryPoint[], value: Value): number =>
  points.reduce((most, one) => Math.max(most, one[value] ?? 0), 0);

/** Lines at nothing, the middle and the top, and hours below. */
function grid(top: number): string {
  const rows = [0, top / 2, top].map((amps) => {
    const y = yOf(amps, top);
    return `<polyline class="g" points="30,${y} ${30 + WIDTH},${y}"></polyline><text x="0" y="${y + 4}">${amps} A</text>`;
  });
  const hours = [HOURS, HOURS / 2].map(
    (hour) => `<text x="${xOf(hour * 3_600_000)}" y="${HEIGHT + 17}">-${hour} h</text>`,
  );
  return rows.join("") + hours.join("");
}

const yOf = (amps: number, top: number): number => Math.round(5 + (HEIGHT - 5) * (1 - amps / top));
/** By how long ago it was. */
const xOf = (ago: number): number => Math.round(30 + WIDTH * (1 - ago / SPAN));

/** One line, broken where nothing is known; of points on one height only the ends. */
function drawn(points: readonly HistoryPoint[], value: Value, kind: string, top: number, now: Millis): string {
  const lines: string[][] = [[]];
  let height: number | null = null;
  let held: string | null = null;
  for (const point of points) {
    const amps = point[value];
    const ago = now - point.at;
    if (amps === null || ago > SPAN) {
      if (held !== null) lines.at(-1)?.push(held);
      lines.push([]);
      [height, held] = [null, null];
      continue;
    }
    const y = yOf(amps, top);
    const place = `${xOf(ago)},${y}`;
    if (y === height) held = place;
    else {
      if (held !== null) lines.at(-1)?.push(held);
      lines.at(-1)?.push(place);
      [height, held] = [y, null];
    }
  }
  if (held !== null) lines.at(-1)?.push(held);
  return lines
    .filter((line) => line.length > 1)
    .map((line) => `<polyline class="${kind}" points="${line.join(" ")}"></polyline>`)
    .join("");
}
