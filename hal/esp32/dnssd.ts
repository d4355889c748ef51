// The device on the local network by its name, ievcc-a1b2.local, and its services there (RFC 6762, RFC 6763): it asks whether
// the name is free, says what it has, and answers whoever asks. What is heard is anybody's: bounded in size and in number.

import { joined } from "../../src/bytes.js";
import { OURS, PAGES_PORT, type Presence, type ServiceAnswer } from "../../src/found.js";
import type { TimerModule, UdpClass } from "./classes.js";
import { udpOf } from "./datagrams.js";
import {
  type DnsPacket,
  isAnswer,
  MDNS_GROUP,
  MDNS_PORT,
  nameBytes,
  packetOf,
  TYPE_A,
  TYPE_PTR,
  TYPE_SRV,
  TYPE_TXT,
  textBytes,
  wordBytes,
} from "./dns-packet.js";
import { searchOf } from "./dnssd-search.js";

export interface Discovery {
  /** In place of what was announced before; null: nothing any more. With a link, for it joins on those that there are. */
  announce(as: Presence | null): void;
  search(): void;
}

interface Sdk {
  readonly UDP: UdpClass;
  readonly Timer: TimerModule;
  trace(text: string): void;
}

/** A name that another device has is tried again with -2 and so on. */
const NAMES = 9;
/** 8.1: the name is asked for so often, and its own then. */
const PROBES_AT = Object.freeze([0, 250, 500]);
const CLAIMED_AT = 750;
/** 8.3: twice, a second apart. */
const AGAIN_AT = 1_750;
/** After this long a device that was left no name asks for its own again. */
const PATIENCE = 600_000;
/** Of what is heard in a second; whoever asks and is not answered asks again. */
const PACKETS = 20;
/** 6: to everybody at most once a second. */
const TO_ALL = 1;
const TTL_S = 120;
/** 6.7: for those that know nothing of mDNS. */
const PLAIN_TTL_S = 10;
const TYPE_NSEC = 47;
const TYPE_ANY = 255;

const HTTP = "_http._tcp";
const LIST = "_services._dns-sd._udp.local";
const labelsOf = (service: string): readonly string[] => [...service.split("."), "local"];

/** `address`: the device's own, where it has one. */
export function discoveryOf(
  sdk: Sdk,
  address: () => string | undefined,
  found: (answer: ServiceAnswer) => void,
): Discovery {
  let socket: ReturnType<typeof udpOf> | null = null;
  let own: Presence | null = null;
  let claimed = false;
  /** Counts names: what was to be done for one before is not done. */
  let turn = 0;
  let names = 1;
  /** As it was asked for. */
  let wanted: Presence | null = null;
  let budget = { packets: PACKETS, toAll: TO_ALL };
  sdk.Timer.repeat(() => {
    budget = { packets: PACKETS, toAll: TO_ALL };
  }, 1_000);

  function say(ttlS: number): void {
    const ip = address();
    if (own === null || ip === undefined) return;
    socket?.send(MDNS_GROUP, MDNS_PORT, answerBytes(recordsOf(own, ip, ttlS, true)));
  }

  function probe(): void {
    const ip = address();
    if (own !== null && ip !== undefined) socket?.send(MDNS_GROUP, MDNS_PORT, probeBytes(own, ip));
  }

  function begin(as: Presence, name: number): void {
    names = name;
    const more = name === 1 ? "" : `-${name}`;
    const mine = ++turn;
    const later = (ms: number, act: () => void): unknown =>
      sdk.Timer.set(() => (mine === turn ? act() : undefined), ms);
    own = { ...as, host: `${as.host}${more}`, name: `${as.name}${more}` };
    claimed = false;
    for (const ms of PROBES_AT) later(ms, probe);
    later(CLAIMED_AT, () => {
      claimed = true;
      say(TTL_S);
    });
    later(AGAIN_AT, () => say(TTL_S));
  }

  function taken(as: Presence): void {
    sdk.trace(`${own?.host}.local is another device\n`);
    if (names < NAMES) return begin(as, names + 1);
    falls();
    // A stranger may have said so of all nine.
    const mine = turn;
    sdk.Timer.set(() => (mine === turn ? begin(as, 1) : undefined), PATIENCE);
  }

  /** It says nothing more. The socket stays: it may be that which is just being read. */
  function falls(): void {
    turn++;
    own = null;
    claimed = false;
  }

  function ends(): void {
    if (claimed) say(0);
    falls();
    socket?.close();
    socket = null;
  }

  function heard(from: string, port: number, bytes: Uint8Array): void {
    if (budget.packets-- <= 0) return;
    const ip = address();
    const packet = packetOf(bytes);
    if (own === null || wanted === null || ip === undefined || packet === null) return;
    const rival = rivalOf(bytes, packet, own, ip);
    if (rival !== null && (isAnswer(bytes) || (!claimed && isLater(rival, ip)))) return taken(wanted);
    if (!claimed || isAnswer(bytes) || !asksFor(packet, own)) return;
    if (port !== MDNS_PORT)
      return socket?.send(from, port, plainAnswer(bytes, packet, recordsOf(own, ip, PLAIN_TTL_S, false)));
    const alone = packet.questions.every((one) => one.alone);
    if (!alone && budget.toAll-- <= 0) return;
    socket?.send(alone ? from : MDNS_GROUP, MDNS_PORT, answerBytes(recordsOf(own, ip, TTL_S, true)));
  }

  return {
    announce(as) {
      ends();
      if (as === null) return;
      try {
        socket = udpOf(sdk.UDP, MDNS_PORT, heard);
        socket.join(MDNS_GROUP);
        wanted = as;
        begin(as, 1);
      } catch (error) {
        ends();
        sdk.trace(`no mDNS: ${error}\n`);
      }
    },
    search: searchOf(sdk, found),
  };
}

/** The address that another device says our name is at; null: none does. */
function rivalOf(bytes: Uint8Array, { records }: DnsPacket, { host }: Presence, ip: string): string | null {
  const name = `${host}.local`;
  for (const one of records) {
    if (one.type !== TYPE_A || one.name !== name || one.end - one.at !== 4) continue;
    const address = bytes.subarray(one.at, one.end).join(".");
    if (address !== ip) return address;
  }
  return null;
}

/** 8.2: of two that ask for a name at once, it is that with the later address. */
function isLater(rival: string, ip: string): boolean {
  const ours = ip.split(".").map(Number);
  const [at, part] = [...rival.split(".").map(Number).entries()].find(([place, one]) => one !== ours[place]) ?? [0, -1];
  return part > (ours[at] ?? 0);
}

const asksFor = ({ questions }: DnsPacket, { host, name }: Presence): boolean => {
  const services = [HTTP, OURS].map((one) => `${one}.local`);
  const ours = [`${host}.local`, LIST, ...services, ...services.map((one) => `${name.toLowerCase()}.${one}`)];
  return questions.some((one) => ours.includes(one.name));
};

type Bytes = readonly number[];

function recordBytes(labels: readonly string[], type: number, unique: boolean, ttlS: number, value: Bytes): Bytes {
  return [
    ...nameBytes(labels),
    ...wordBytes(type),
    ...wordBytes(unique ? 0x8001 : 1),
    ...[0, 0],
    ...wordBytes(ttlS),
    ...wordBytes(value.length),
    ...value,
  ];
}

/** All that there is to say, whatever was asked: it is little. `alone`: nobody else has these names. */
function recordsOf({ host, name, text }: Presence, ip: string, ttlS: number, alone: boolean): readonly Bytes[] {
  const own = [host, "local"];
  const services = (
    [
      [HTTP, ["path=/"]],
      [OURS, text],
    ] as const
  ).flatMap(([service, texts]) => {
    const labels = labelsOf(service);
    const instance = [name, ...labels];
    const where = [0, 0, 0, 0, ...wordBytes(PAGES_PORT), ...nameBytes(own)];
    return [
      recordBytes(labels, TYPE_PTR, false, ttlS, nameBytes(instance)),
      recordBytes(instance, TYPE_SRV, alone, ttlS, where),
      recordBytes(instance, TYPE_TXT, alone, ttlS, texts.flatMap(textBytes)),
      // Others have it too: it ends with the last of them.
      ...(ttlS === 0 ? [] : [recordBytes(LIST.split("."), TYPE_PTR, false, ttlS, nameBytes(labels))]),
    ];
  });
  return [
    ...services,
    recordBytes(own, TYPE_A, alone, ttlS, ip.split(".").map(Number)),
    // 6.1: there is no other address.
    recordBytes(own, TYPE_NSEC, alone, ttlS, [...nameBytes(own), 0, 1, 0x40]),
  ];
}

/** Record by record: all bytes as one list would take a place of the stack each. */
const together = (head: Uint8Array, records: readonly Bytes[]): Uint8Array =>
  joined(head, ...records.map((one) => Uint8Array.from(one)));

const answerBytes = (records: readonly Bytes[]): Uint8Array =>
  together(Uint8Array.of(0, 0, 0x84, 0, 0, 0, 0, records.length, 0, 0, 0, 0), records);

/** 6.7: with the question again. */
function plainAnswer(asked: Uint8Array, { questions }: DnsPacket, records: readonly Bytes[]): Uint8Array {
  const [high = 0, low = 0] = asked;
  const again = asked.subarray(12, questions.at(-1)?.end ?? 12);
  const head = Uint8Array.of(high, low, 0x84, 0, 0, questions.length, 0, records.length, 0, 0, 0, 0);
  return together(joined(head, again), records);
}

/** Who has this name? If nobody, it is ours. */
function probeBytes({ host }: Presence, ip: string): Uint8Array {
  const own = [host, "local"];
  const question = [...nameBytes(own), 0, TYPE_ANY, 0x80, 1];
  const record = recordBytes(own, TYPE_A, false, TTL_S, ip.split(".").map(Number));
  return Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, ...question, ...record]);
}
