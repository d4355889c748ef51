// A timeline as a plot that can stand in a report: house, cars, offers and the limit over time, readable in print.

export interface PlotSample {
  readonly t: number;
  readonly houseA: readonly number[];
  readonly solarA?: readonly number[];
  readonly chargers: Readonly<Record<string, { readonly offeredA: number; readonly drawnA: readonly number[] }>>;
}

export interface PlotSite {
  readonly title: string;
  /** Contracted current without the buffer, A. */
  readonly limitA: number;
  readonly contractedA: number;
}

const WIDTH = 960;
const HEIGHT = 460;
const FRAME = { left: 64, right: 24, top: 56, bottom: 92 };
const COLOURS = ["#0b62a8", "#b3470a", "#2d7a2d", "#7a3fa0", "#8a6d00", "#a01f5c"] as const;
const HOUSE = "#777777";
const SOLAR = "#c99a00";

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly width: number;
  readonly value: (sample: PlotSample) => number;
}

const most = (amps: readonly number[]): number => amps.reduce((a, b) => Math.max(a, b), 0);

/** On a three-phase site each line shows its highest phase. */
function linesOf(ids: readonly string[], hasSolar: boolean): readonly Line[] {
  const house: Line = { name: "house", colour: HOUSE, dash: "", width: 1.5, value: (s) => most(s.houseA) };
  const solar: Line = { name: "roof", colour: SOLAR, dash: "", width: 1.5, value: (s) => most(s.solarA ?? []) };
  const cars = ids.flatMap((id, index): readonly Line[] => {
    const colour = COLOURS[index % COLOURS.length] ?? COLOURS[0];
    return [
      { name: `${id} offered`, colour, dash: "5 3", width: 1.2, value: (s) => s.chargers[id]?.offeredA ?? 0 },
      { name: `${id} drawn`, colour, dash: "", width: 2, value: (s) => most(s.chargers[id]?.drawnA ?? []) },
    ];
  });
  const total: Line = {
    name: "house and cars",
    colour: "#000000",
    dash: "",
    width: 1,
    value: (s) => most(s.houseA) + ids.reduce((sum, id) => sum + most(s.chargers[id]?.drawnA ?? []), 0),
  };
  return [house, ...(hasSolar ? [solar] : []), ...cars, total];
}

/** A round step that gives 4 to 10 ticks. */
function stepFor(range: number, steps: readonly number[]): number {
  return steps.find((step) => range / step <= 10) ?? range / 5;
}

const TIME_STEPS = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
const AMP_STEPS = [1, 2, 5, 10, 20, 50, 100];

function timeUnit(durationS: number): { readonly name: string; readonly seconds: number } {
  if (durationS > 7_200) return { name: "hours", seconds: 3_600 };
  return durationS > 300 ? { name: "minutes", seconds: 60 } : { name: "seconds", seconds: 1 };
}

/** The SVG's text. Samples in order of time; an empty list gives empty axes. */
export function plotSvg(site: PlotSite, samples: readonly PlotSample[]): string {
  const ids = Object.keys(samples[0]?.chargers ?? {}).slice(0, COLOURS.length);
  const lines = linesOf(
    ids,
    samples.some((s) => s.solarA !== undefined),
  );
  const end = Math.max(samples.at(-1)?.t ?? 1, 1);
  const highest = samples.reduce(
    (top, s) => lines.reduce((a, line) => Math.max(a, line.value(s)), top),
    site.contractedA,
  );
  const ampStep = stepFor(highest * 1.05, AMP_STEPS);
  const top = Math.ceil((highest * 1.05) / ampStep) * ampStep;
  const inner = { width: WIDTH - FRAME.left - FRAME.right, height: HEIGHT - FRAME.top - FRAME.bottom };
  const x = (t: number): number => FRAME.left + (t / end) * inner.width;
  const y = (amps: number): number => FRAME.top + inner.height * (1 - amps / top);
  const f = (n: number): string => n.toFixed(1);
  const unit = timeUnit(end);
  const timeStep = stepFor(end, TIME_STEPS);
  const bottom = FRAME.top + inner.height;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(site.title)}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${FRAME.left}" y="28" font-size="17" font-weight="bold">${escaped(site.title)}</text>`,
  ];
  for (let amps = 0; amps <= top + 1e-9; amps += ampStep) {
    parts.push(
      `<line x1="${FRAME.left}" x2="${f(FRAME.left + inner.width)}" y1="${f(y(amps))}" y2="${f(y(amps))}" stroke="#e3e3e3"/>`,
      `<text x="${FRAME.left - 8}" y="${f(y(amps) + 4)}" text-anchor="end">${amps}</text>`,
    );
  }
  for (let t = 0; t <= end + 1e-9; t += timeStep) {
    const label = Math.round((t / unit.seconds) * 100) / 100;
    parts.push(
      `<line x1="${f(x(t))}" x2="${f(x(t))}" y1="${bottom}" y2="${bottom + 5}" stroke="#555555"/>`,
      `<text x="${f(x(t))}" y="${bottom + 20}" text-anchor="middle">${label}</text>`,
    );
  }
  parts.push(
    `<rect x="${FRAME.left}" y="${FRAME.top}" width="${inner.width}" height="${inner.height}" fill="none" stroke="#555555"/>`,
    `<text x="${f(FRAME.left + inner.width / 2)}" y="${bottom + 38}" text-anchor="middle">time, ${unit.name}</text>`,
    `<text transform="translate(18 ${f(FRAME.top + inner.height / 2)}) rotate(-90)" text-anchor="middle">current per phase, A</text>`,
    `<line x1="${FRAME.left}" x2="${f(FRAME.left + inner.width)}" y1="${f(y(site.limitA))}" y2="${f(y(site.limitA))}" stroke="#c00000" stroke-width="1.5" stroke-dasharray="9 4"/>`,
  );
  for (const line of lines) {
    parts.push(
      `<path d="${pathOf(samples, line, x, y)}" fill="none" stroke="${line.colour}" stroke-width="${line.width}" stroke-dasharray="${line.dash}"/>`,
    );
  }
  parts.push(legend([...lines, LIMIT], bottom + 58), "</svg>");
  return `${parts.join("\n")}\n`;
}

const LIMIT: Line = { name: "limit", colour: "#c00000", dash: "9 4", width: 1.5, value: () => 0 };

/** Steps stay steps: a value holds until the next sample. Points that change nothing are left out. */
function pathOf(
  samples: readonly PlotSample[],
  line: Line,
  x: (t: number) => number,
  y: (amps: number) => number,
): string {
  let path = "";
  let last = Number.NaN;
  for (const [index, sample] of samples.entries()) {
    const value = line.value(sample);
    if (value === last && index < samples.length - 1) continue;
    path +=
      path === ""
        ? `M${x(sample.t).toFixed(1)} ${y(value).toFixed(1)}`
        : `H${x(sample.t).toFixed(1)}V${y(value).toFixed(1)}`;
    last = value;
  }
  return path;
}

function legend(lines: readonly Line[], at: number): string {
  let x = FRAME.left;
  let y = at;
  const items = lines.map((line) => {
    const width = 44 + line.name.length * 6.8;
    if (x + width > WIDTH - FRAME.right) {
      x = FRAME.left;
      y += 18;
    }
    const item = `<line x1="${x.toFixed(1)}" x2="${(x + 28).toFixed(1)}" y1="${y}" y2="${y}" stroke="${line.colour}" stroke-width="${line.width}" stroke-dasharray="${line.dash}"/><text x="${(x + 34).toFixed(1)}" y="${y + 4}">${escaped(line.name)}</text>`;
    x += width;
    return item;
  });
  return items.join("\n");
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
