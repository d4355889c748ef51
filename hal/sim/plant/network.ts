// The simulated network: who can reach whom, how long bytes take, and streams that stall and break like TCP's.

import type { Agenda } from "./agenda.js";
import { type AnnouncingCarrier, createAnnouncing, nameAt } from "./announcing.js";
import type { ConnectTrouble, StreamEvent, TlsOptions } from "./board.js";
import type { Chance } from "./chance.js";
import { createDatagrams, type DatagramCarrier, type Datagrams } from "./datagrams.js";

/** One end of a stream. */
export interface Stream {
  /** `arrived` is called when the bytes reach the other end, never when they are lost on the way. */
  send(bytes: Uint8Array, arrived?: () => void): void;
  /** `why`: it never opened. */
  close(why?: ConnectTrouble): void;
}

/** The end of whoever listens. */
export interface AcceptedStream extends Stream {
  /** Tells the other end that it is open, where `listen` was told that this comes later. */
  open(): void;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** Null: in the clear. What the simulated network carries is not encrypted: it tries no certificate. */
  readonly tls: TlsOptions | null;
}

export type Accept = (stream: AcceptedStream, from: string) => (event: StreamEvent) => void;

/** How a device's outgoing streams and its datagrams are carried: simulated here, by real sockets in the live site. */
export interface Carrier extends DatagramCarrier, AnnouncingCarrier {
  connect(from: string, to: Destination, events: (event: StreamEvent) => void): Stream;
}

export interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  readonly delayS: readonly [number, number];
}

export interface Network extends Carrier {
  readonly datagrams: Datagrams;
  /** Somebody listens under a name; null stops it and resets its streams. `opens` "later": a handshake comes first. */
  listen(name: string, accept: Accept | null, opens?: "at once" | "later"): void;
  link(name: string, up: boolean): void;
  partition(groups: readonly (readonly string[])[]): void;
  weather(weather: Weather): void;
  /** Streams of a device that lost its power are gone without a word; the peer finds out later. */
  vanish(name: string): void;
}

/** Marks the name of a device that passes itself off as another: it stands where that one stands. */
export const TWIN = "'";
const placeOf = (name: string): string => name.replace(/'+$/, "");

const UNREACHABLE_MS = 3_000;
const RESET_MS = 15_000;
const RESEND_MS = 200;
const CLEAR: Weather = { loss: 0, duplicate: 0, delayS: [0.01, 0.01] };

interface Segment {
  readonly event: StreamEvent;
  readonly dueAt: number;
  readonly arrived: () => void;
}

interface Pipe {
  readonly a: string;
  readonly b: string;
  readonly ends: [((event: StreamEvent) => void) | null, ((event: StreamEvent) => void) | null];
  /** No byte overtakes another: the earliest arrival on each way. */
  readonly next: [number, number];
  /** On their way, in order: what stalls holds back all that was sent after it. */
  readonly queues: readonly [Segment[], Segment[]];
  readonly stalled: [boolean, boolean];
  open: boolean;
}

export function createNetwork(agenda: Agenda, chance: Chance): Network {
  const listeners = new Map<string, { readonly accept: Accept; readonly opensLater: boolean }>();
  const down = new Set<string>();
  const pipes = new Set<Pipe>();
  let groups: readonly (readonly string[])[] = [];
  let weather = CLEAR;

  const groupOf = (name: string): number => groups.findIndex((group) => group.includes(placeOf(name)));
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

  function deliver(pipe: Pipe, to: 0 | 1, event: StreamEvent, arrived: () => void = () => undefined): void {
    const dueAt = Math.max(pipe.next[to], agenda.now() + travel());
    pipe.next[to] = dueAt;
    pipe.queues[to].push({ event, dueAt, arrived });
    agenda.at(dueAt, () => arrive(pipe, to));
  }

  /** Hands over all that is due, in order; while the peer is out of reach it waits, and at last the stream breaks. */
  function arrive(pipe: Pipe, to: 0 | 1): void {
    const queue = pipe.queues[to];
    for (let first = queue[0]; pipe.open && first !== undefined && first.dueAt <= agenda.now(); first = queue[0]) {
      if (!reach(pipe.a, pipe.b)) {
        if (agenda.now() - first.dueAt >= RESET_MS) reset(pipe);
        else retry(pipe, to);
        return;
      }
      queue.shift();
      const end = pipe.ends[to];
      if (end !== null) first.arrived();
      end?.(first.event);
      if (first.event.what === "closed") pipes.delete(pipe);
    }
  }

  function retry(pipe: Pipe, to: 0 | 1): void {
    if (pipe.stalled[to]) return;
    pipe.stalled[to] = true;
    agenda.after(RESEND_MS, () => {
      pipe.stalled[to] = false;
      arrive(pipe, to);
    });
  }

  function reset(pipe: Pipe): void {
    if (!pipe.open) return;
    pipe.open = false;
    pipes.delete(pipe);
    for (const end of pipe.ends) end?.({ what: "closed" });
  }

  function endOf(pipe: Pipe, mine: 0 | 1): AcceptedStream {
    const other = mine === 0 ? 1 : 0;
    return {
      send(bytes, arrived) {
        if (pipe.open && bytes.length > 0) deliver(pipe, other, { what: "bytes", bytes: bytes.slice() }, arrived);
      },
      close(why) {
        if (!pipe.open || pipe.ends[mine] === null) return;
        pipe.ends[mine] = null;
        deliver(pipe, other, why === undefined ? { what: "closed" } : { what: "closed", why });
      },
      open: () => deliver(pipe, other, { what: "open" }),
    };
  }

  const datagrams = createDatagrams(agenda, chance.fork("datagrams"), reach, () => weather);
  return {
    datagrams,
    datagram: (from, to, bytes) => datagrams.send({ from, to, bytes, genuine: true }),
    hear: datagrams.hear,
    ...createAnnouncing(agenda, reach, (name) => listeners.has(name)),
    connect(from, to, events) {
      const host = nameAt(to.host);
      const pipe: Pipe = {
        a: from,
        b: host,
        ends: [events, null],
        next: [0, 0],
        queues: [[], []],
        stalled: [false, false],
        open: true,
      };
      pipes.add(pipe);
      const refuse = (): void => reset(pipe);
      agenda.after(travel(), () => {
        const listener = listeners.get(host);
        if (!pipe.open) return;
        if (!reach(from, host)) {
          agenda.after(UNREACHABLE_MS, refuse);
          return;
        }
        if (listener === undefined) return refuse();
        const end = endOf(pipe, 1);
        pipe.ends[1] = listener.accept(end, from);
        if (!listener.opensLater) end.open();
      });
      return endOf(pipe, 0);
    },
    listen(name, accept, opens = "at once") {
      if (accept !== null) {
        listeners.set(name, { accept, opensLater: opens === "later" });
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
