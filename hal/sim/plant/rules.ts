// The rules that every run is judged by, as the plant saw it: the line, the contacts, the duty at the pin, the currents.
// Imports nothing of the firmware. Times are plant ms; currents are amperes.

export type Rule = "S1" | "S2" | "S3" | "100 ms" | "3 s" | "6 s" | "20 ms" | "2 s" | "0-6 A" | "5 s" | "over-read";

export interface Broken {
  readonly rule: Rule;
  readonly t: number;
  readonly charger: string;
  readonly saw: string;
}

/** What the duty says, A: IEC 61851-1 Table A.8, exact; 0 where nothing may be drawn. */
export function readOf(hundredths: number): number {
  const duty = hundredths / 100;
  if (duty < 8 || duty > 97) return 0;
  if (duty <= 10) return 6;
  if (duty <= 85) return duty * 0.6;
  return Math.min((duty - 64) * 2.5, 80);
}

const isDrawing = (line: string): boolean => line === "C" || line === "D";

/** A span that must end in time: begun at some time, and the worst one seen so far. */
interface Watch {
  since: number | null;
  told: boolean;
}

export interface ChargerLimits {
  readonly id: string;
  readonly maxA: number;
  readonly cableA: number;
}

/** The worst value of each limit over a run: made into docs/conformance.md. Spans in ms; "offer" the smallest and "read"
 *  the largest that a duty said, in dA; "rest" the shortest from open to closed contacts, "state F" the shortest of it, and
 *  "pause" the shortest time without an offer for a car that drew before and stayed. Null: did not happen. */
export type Worst = Record<SpanRule | "5 s" | "offer" | "read" | "rest" | "state F" | "pause", number | null>;

const NONE_SEEN: Worst = Object.freeze({
  "100 ms": null,
  "3 s": null,
  "6 s": null,
  "20 ms": null,
  "2 s": null,
  "5 s": null,
  offer: null,
  read: null,
  rest: null,
  "state F": null,
  pause: null,
});

export interface ChargerRules {
  line(t: number, state: string): void;
  contacts(t: number, closed: boolean): void;
  duty(t: number, hundredths: number): void;
  residual(t: number, on: boolean): void;
  /** The plant itself welds or jams the contactor: contact rules rest. */
  spoiled(t: number, on: boolean): void;
  power(t: number, on: boolean): void;
  /** Closes what is still open at the end of the run. */
  end(t: number): void;
  readonly worst: Worst;
}

const LIMIT = { "100 ms": 100, "3 s": 3_000, "6 s": 6_000, "20 ms": 20, "2 s": 2_000 } as const;
type SpanRule = keyof typeof LIMIT;
const RESTED = 5_000;
const SPACING = 5_000;

export function chargerRules(charger: ChargerLimits, broke: (broken: Broken) => void): ChargerRules {
  const now = { line: "A", closed: false, duty: 10_000, residual: false, spoiled: false, powered: false };
  const worst: Worst = { ...NONE_SEEN };
  const watches: Record<SpanRule, Watch> = {
    "100 ms": { since: null, told: false },
    "3 s": { since: null, told: false },
    "6 s": { since: null, told: false },
    "20 ms": { since: null, told: false },
    "2 s": { since: null, told: false },
  };
  let openSince = Number.NEGATIVE_INFINITY;
  let changedAt = Number.NEGATIVE_INFINITY;
  let left = false;
  let stateFSince: number | null = null;
  let pausedSince: number | null = null;

  const least = (name: keyof Worst, value: number): void => {
    worst[name] = Math.min(worst[name] ?? value, value);
  };
  /** What a new duty ends and begins, for the record alone. */
  function record(t: number, before: number, after: number): void {
    if (after > 0) least("offer", Math.round(after * 10));
    worst.read = Math.max(worst.read ?? 0, Math.round(after * 10));
    if (now.duty === 0 && stateFSince !== null) least("state F", t - stateFSince);
    if (after > 0 && pausedSince !== null) least("pause", t - pausedSince);
    if (after > 0) pausedSince = null;
    if (before > 0 && after === 0 && now.closed && isDrawing(now.line)) pausedSince = t;
  }

  const tell = (rule: Rule, t: number, saw: string): void => broke({ rule, t: t / 1_000, charger: charger.id, saw });

  function span(rule: SpanRule, t: number, active: boolean, from: number): void {
    const watch = watches[rule];
    if (watch.since !== null) {
      const lasted = t - watch.since;
      if (lasted >= 0 && lasted > (worst[rule] ?? -1)) worst[rule] = lasted;
      if (lasted > LIMIT[rule] && !watch.told) {
        watch.told = true;
        tell(rule, watch.since + LIMIT[rule], `${lasted} ms`);
      }
    }
    if (!active) {
      watch.since = null;
      watch.told = false;
    } else if (watch.since === null) watch.since = from;
  }

  /** Looks at all spans; called before and after each change, so that a span ends at the change's own time. */
  function look(t: number): void {
    const { line, closed, duty, residual, spoiled, powered } = now;
    const judged = powered && !spoiled;
    const offers = readOf(duty) >= 6;
    if (!closed) left = false;
    span("100 ms", t, judged && closed && left && !isDrawing(line), t);
    span("6 s", t, judged && closed && !offers && isDrawing(line), t);
    span("20 ms", t, judged && closed && residual, t);
    const rested = openSince + RESTED;
    span("3 s", t, judged && !closed && offers && line === "C" && !residual, Math.max(t, rested));
    span("2 s", t, judged && watches["2 s"].since !== null && !(duty === 10_000 && !closed), t);
  }

  function change(t: number, act: () => void): void {
    look(t);
    act();
    look(t);
  }

  return {
    worst,
    line: (t, state) =>
      change(t, () => {
        if (isDrawing(now.line) && !isDrawing(state)) left = true;
        if (isDrawing(state)) left = false;
        if (state === "A") pausedSince = null;
        now.line = state;
      }),
    contacts: (t, closed) =>
      change(t, () => {
        if (!closed) openSince = t;
        else if (!now.spoiled && Number.isFinite(openSince)) least("rest", t - openSince);
        now.closed = closed;
      }),
    residual: (t, on) =>
      change(t, () => {
        now.residual = on;
      }),
    spoiled: (t, on) =>
      change(t, () => {
        now.spoiled = on;
      }),
    power: (t, on) =>
      change(t, () => {
        now.powered = on;
        watches["2 s"].since = on ? t : null;
        watches["2 s"].told = false;
        if (!on) now.duty = -1;
        pausedSince = null;
        stateFSince = null;
        changedAt = Number.NEGATIVE_INFINITY;
      }),
    duty(t, hundredths) {
      const before = now.duty < 0 ? 0 : readOf(now.duty);
      const after = readOf(hundredths);
      record(t, before, after);
      stateFSince = hundredths === 0 ? (stateFSince ?? t) : null;
      const tenths = (amps: number): number => Math.round(amps * 10);
      if (hundredths > 0 && hundredths < 800) tell("0-6 A", t, `${hundredths / 100} %`);
      if (after > 0 && tenths(after) < 60) tell("0-6 A", t, `${after} A`);
      const bound = Math.min(charger.maxA, charger.cableA);
      if (after > bound + 1e-9) tell("over-read", t, `reads ${after} A of ${bound} A`);
      if (tenths(after) > tenths(before) && now.duty >= 0) {
        const apart = t - changedAt;
        if (Number.isFinite(apart)) worst["5 s"] = Math.min(worst["5 s"] ?? apart, apart);
        if (apart < SPACING) tell("5 s", t, `${apart} ms after the last change`);
      }
      if (tenths(after) !== tenths(before)) changedAt = t;
      change(t, () => {
        now.duty = hundredths;
      });
    },
    end: look,
  };
}
