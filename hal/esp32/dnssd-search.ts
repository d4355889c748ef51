// Who announces a service on the local network: a question of a few bytes to all, and the answers that come straight back
// (RFC 6762, 5.1 and 6.7; RFC 6763). Anybody can answer anything: what is read is bounded, and checked in src/found.ts.
// (The SDK's own search keeps all that anybody sends for as long as it runs, which is more RAM than there is.)

import { SEARCH_TIME, SERVICES, type Service, type ServiceAnswer } from "../../src/found.js";
import { decodeText } from "../../src/text.js";
import type { TimerModule, UdpClass } from "./classes.js";
import { udpOf } from "./datagrams.js";
import {
  type DnsRecord,
  isAnswer,
  MDNS_GROUP,
  MDNS_PORT,
  nameAt,
  nameBytes,
  packetOf,
  TYPE_A,
  TYPE_PTR,
  TYPE_SRV,
  TYPE_TXT,
  wordAt,
} from "./dns-packet.js";

/** Now and twice more: nobody says whether a question was lost. */
const ASKED_AT = Object.freeze([0, 1_000, 3_000]);
/** Of one search: the device has other things to do, and its queue of events is short. */
const ANSWERS = 24;
const PACKETS = 64;

const TEXTS = 8;
const TEXT_LIMIT = 96;

/** One question for each service, of type PTR and class IN, that asks to be answered to whoever asks alone. */
const QUERY: readonly number[] = Object.freeze([
  ...[0, 0, 0, 0, 0, SERVICES.length, 0, 0, 0, 0, 0, 0],
  ...SERVICES.flatMap((one) => [...nameBytes(`${one}.local`.split(".")), 0, TYPE_PTR, 0x80, 1]),
]);

/** Each call begins a search, unless one runs. What cannot be sent is lost: then nobody answers. */
export function searchOf(
  { UDP, Timer }: { readonly UDP: UdpClass; readonly Timer: TimerModule },
  found: (answer: ServiceAnswer) => void,
): () => void {
  let socket: ReturnType<typeof udpOf> | null = null;
  let packets = 0;
  let answers = 0;

  function heard(address: string, port: number, bytes: Uint8Array): void {
    if (port !== MDNS_PORT || packets >= PACKETS) return;
    packets++;
    for (const answer of answersIn(bytes, address)) if (answers++ < ANSWERS) found(answer);
  }

  function ends(): void {
    socket?.close();
    socket = null;
  }

  return () => {
    if (socket !== null) return;
    packets = 0;
    answers = 0;
    try {
      socket = udpOf(UDP, null, heard);
    } catch {
      return;
    }
    for (const ms of ASKED_AT) Timer.set(() => socket?.send(MDNS_GROUP, MDNS_PORT, Uint8Array.from(QUERY)), ms);
    Timer.set(ends, SEARCH_TIME);
  };
}

/** The services of SERVICES that a packet announces whole; none where it is no answer. `from`: who sent it. */
export function answersIn(packet: Uint8Array, from: string): readonly ServiceAnswer[] {
  const records = isAnswer(packet) ? (packetOf(packet)?.records ?? []) : [];
  return records.flatMap((record) => {
    const service = SERVICES.find((one) => record.type === TYPE_PTR && record.name === `${one}.local`);
    const answer = service === undefined ? null : answerOf(packet, records, record, service, from);
    return answer === null ? [] : [answer];
  });
}

function answerOf(
  packet: Uint8Array,
  records: readonly DnsRecord[],
  pointer: DnsRecord,
  service: Service,
  from: string,
): ServiceAnswer | null {
  const instance = nameAt(packet, pointer.at);
  const name = instance?.text.toLowerCase();
  const srv = records.find((one) => one.type === TYPE_SRV && one.name === name && one.end - one.at > 6);
  const host = srv === undefined ? null : nameAt(packet, srv.at + 6);
  if (instance === null || srv === undefined || host === null) return null;
  const target = host.text.toLowerCase();
  const address = records.find((one) => one.type === TYPE_A && one.name === target && one.end - one.at === 4);
  const text = records.find((one) => one.type === TYPE_TXT && one.name === name);
  return {
    service,
    name: instance.first,
    host: host.text,
    address: address === undefined ? from : packet.subarray(address.at, address.end).join("."),
    port: wordAt(packet, srv.at + 4),
    text: text === undefined ? [] : textsIn(packet.subarray(text.at, text.end)),
  };
}

/** Those that are short and are text. */
function textsIn(bytes: Uint8Array): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length && texts.length < TEXTS; ) {
    const end = at + 1 + (bytes[at] ?? 0);
    const decoded = decodeText(bytes.subarray(at + 1, end), TEXT_LIMIT);
    if (decoded.ok && end <= bytes.length) texts.push(decoded.text);
    at = end;
  }
  return texts;
}
