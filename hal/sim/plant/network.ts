// The simulated network: who can reach whom, how long bytes take, and streams that stall and break like TCP's.

import type { Agenda } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import type { Chance } from "./chance.js";

/** One end of a stream. */
export interface Stream {
  send(bytes: Uint8Array): void;
  close(): void;
}

export type Accept = (stream: Stream, from: string) => (event: StreamEvent) => void;

/** How a device's outgoing streams are carried: simulated here, by real sockets in the live site. */
export interface Carrier {
  connect(from: string, host: string, port: number, events: (event: StreamEvent) => void): Stream;
}

export interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  readonly delayS: readonly [number, number];
}

export interface Network extends Carrier {
  /** Somebody listens under a name; null stops it and resets its streams. */
  listen(name: string, accept: Accept | null): void;
  link(name: string, up: boolean): void;
  partition(groups: readonly (readonly string[])[]): void;
  weather(weather: Weather): void;
  /** Streams of a device that lost its power are gone without a word; the peer finds out later. */
  vanish(name: string): void;
}

const UNREACHABLE_MS = 3_000;
const RESET_MS = 15_000;
const RESEND_MS = 200;
const CLEAR: Weather = { loss: 0, duplicate: 0, delayS: [0.01, 0.01] };

interface Pipe {
  readonly a: string;
  readonly b: string;
  readonly ends: [((event: StreamEvent) => void) | null, ((event: StreamEvent) => void) | null];
  /** No byte overtakes another: the earliest arrival on each way. */
  readonly next: [number, number];
  open: boolean;
}

export function createNetwork(agenda: Agenda, chance: Chance): Network {
  const listeners = new Map<string, Accept>();
  const down = new Set<string>();
  const pipes = new Set<Pipe>();
  let groups: readonly (readonly string[])[] = [];
  let weather = CLEAR;

  const groupOf = (name: string): number => groups.findIndex((group) => group.includes(name));
  function reach(a: string, b: string): boolean {
    if (down.has(a) || down.has(b)) return false;
    if (groups.length === 0) return true;
    const group = groupOf(a);
    return group >= 0 && group === groupOf(b);
  }

  function travel(): number {
    const [least, most] = weather.delayS;
    let ms = Math.round((least + chance.next() * (most - least)) * 1_000);
    for (let resend = RESEND_MS; resend < 60_000 && chance.next() < weather.loss; resend *= 2) ms += resend;
    return ms;
  }

  function deliver(pipe: Pipe, to: 0 | 1, event: StreamEvent, sentAt: number): void {
    const arrive = (): void => {
      if (!pipe.open) return;
      if (!reach(pipe.a, pipe.b)) {
        if (agenda.now() - sentAt > RESET_MS) return reset(pipe);
        agenda.after(RESEND_MS, arrive);
        return;
      }
      pipe.ends[to]?.(event);
      if (event.what === "closed") pipes.delete(pipe);
    };
    const at = Math.max(pipe.next[to], agenda.now() + travel());
    pipe.next[to] = at;
    agenda.at(at, arrive);
  }

  function reset(pipe: Pipe): void {
    if (!pipe.open) return;
    pipe.open = false;
    pipes.delete(pipe);
    for (const end of pipe.ends) end?.({ what: "closed" });
  }

  function endOf(pipe: Pipe, mine: 0 | 1): Stream {
    const other = mine === 0 ? 1 : 0;
    return {
      send(bytes) {
        if (pipe.open && bytes.length > 0) deliver(pipe, other, { what: "bytes", bytes: bytes.slice() }, agenda.now());
      },
      close() {
        if (!pipe.open || pipe.ends[mine] === null) return;
        pipe.ends[mine] = null;
        deliver(pipe, other, { what: "closed" }, agenda.now());
      },
    };
  }

  return {
    connect(from, host, _port, events) {
      const pipe: Pipe = { a: from, b: host, ends: [events, null], next: [0, 0], open: true };
      pipes.add(pipe);
      const refuse = (): void => reset(pipe);
      agenda.after(travel(), () => {
        const accept = listeners.get(host);
        if (!pipe.open) return;
        if (!reach(from, host)) {
          agenda.after(UNREACHABLE_MS, refuse);
          return;
        }
        if (accept === undefined) return refuse();
        pipe.ends[1] = accept(endOf(pipe, 1), from);
        deliver(pipe, 0, { what: "open" }, agenda.now());
      });
      return endOf(pipe, 0);
    },
    listen(name, accept) {
      if (accept !== null) {
        listeners.set(name, accept);
        return;
      }
      listeners.delete(name);
      for (const pipe of [...pipes]) if (pipe.b === name) reset(pipe);
    },
    link(name, up) {
      if (up) down.delete(name);
      else down.add(name);
    },
    partition(next) {
      groups = next;
    },
    weather(next) {
      weather = next;
    },
    vanish(name) {
      for (const pipe of pipes) {
        if (pipe.a !== name) continue;
        pipe.ends[0] = null;
        agenda.after(RESET_MS, () => reset(pipe));
      }
    },
  };
}
