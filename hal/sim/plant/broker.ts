// A small MQTT 3.1.1 broker for the simulated network. One thread, no clock of its own: the same run, the same bytes.

import { generate, type Packet, parser } from "mqtt-packet";
import type { Agenda, Handle } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import { packetSize, readPublish, writePublish } from "./mqtt-publish.js";
import type { Network, Stream } from "./network.js";

interface Client {
  readonly name: string;
  readonly stream: Stream;
  id: string;
  readonly filters: Set<string>;
  /** Whether some filter takes a topic, once it was asked. */
  readonly takes: Map<string, boolean>;
  will: { topic: string; payload: Buffer; retain: boolean } | null;
  keepAliveMs: number;
  heardAt: number;
  expiry: Handle | null;
}

export interface Publish {
  readonly from: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** What a broker may do to a topic that a client has no right to. */
export type Denial = "none" | "drop" | "close";

export interface Broker {
  up(on: boolean): void;
  isUp(): boolean;
  /** As if some client had published. */
  publish(topic: string, payload: string, retain: boolean): void;
  /** What a stranger publishes. */
  forge(topic: string, payload: Uint8Array): void;
  /** Called with each publish of a device. */
  onPublished(published: (publish: Publish) => void): void;
  deny(prefix: string, how: Denial): void;
  refuseSubscriptions(prefix: string): void;
}

const matches = (filter: string, topic: string): boolean => {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [index, one] of wanted.entries()) {
    if (one === "#") return true;
    if (levels[index] === undefined || (one !== "+" && one !== levels[index])) return false;
  }
  return wanted.length === levels.length;
};

export function createBroker(
  agenda: Agenda,
  network: Network,
  /** A publish has reached a device, at that very time; `genuine` false for a stranger's. */
  delivered: (device: string, topic: string, bytes: number, genuine: boolean) => void,
): Broker {
  const retained = new Map<string, Buffer>();
  const clients = new Set<Client>();
  const denials = new Map<string, Denial>();
  const refused = new Set<string>();

  let listens = false;
  const told: ((publish: Publish) => void)[] = [];

  const send = (client: Client, packet: Packet): void => client.stream.send(generate(packet));

  function takes(client: Client, topic: string): boolean {
    const known = client.takes.get(topic);
    if (known !== undefined) return known;
    const found = [...client.filters].some((filter) => matches(filter, topic));
    client.takes.set(topic, found);
    return found;
  }

  function forward(topic: string, payload: Buffer, retain: boolean, genuine = true): void {
    if (retain) {
      if (payload.length === 0) retained.delete(topic);
      else retained.set(topic, payload);
    }
    let packet: Buffer | null = null;
    for (const client of clients) {
      if (!takes(client, topic)) continue;
      packet ??= packetOf(topic, payload, false);
      client.stream.send(packet, () => delivered(client.name, topic, payload.length, genuine));
    }
  }

  const packetOf = (topic: string, payload: Buffer, retain: boolean): Buffer =>
    writePublish(topic, payload, retain) ?? generate({ cmd: "publish", topic, payload, retain, qos: 0, dup: false });

  function give(client: Client, topic: string, payload: Buffer): void {
    const { length } = payload;
    client.stream.send(packetOf(topic, payload, true), () => delivered(client.name, topic, length, true));
  }

  function lost(client: Client): void {
    if (!clients.delete(client)) return;
    if (client.expiry !== null) client.expiry.cancelled = true;
    const { will } = client;
    if (will !== null) forward(will.topic, will.payload, will.retain);
  }

  function drop(client: Client): void {
    client.stream.close();
    lost(client);
  }

  function heard(client: Client): void {
    client.heardAt = agenda.now();
    if (client.keepAliveMs > 0) client.expiry ??= agenda.after(client.keepAliveMs * 1.5, () => expire(client));
  }

  /** One entry in the agenda for each client, however often it speaks. */
  function expire(client: Client): void {
    client.expiry = null;
    const left = client.heardAt + client.keepAliveMs * 1.5 - agenda.now();
    if (left > 0) client.expiry = agenda.after(left, () => expire(client));
    else drop(client);
  }

  function take(client: Client, packet: Packet): void {
    heard(client);
    switch (packet.cmd) {
      case "connect": {
        for (const other of [...clients]) if (other.id === packet.clientId && other !== client) drop(other);
        client.id = packet.clientId;
        client.keepAliveMs = (packet.keepalive ?? 0) * 1_000;
        if (client.expiry !== null) client.expiry.cancelled = true;
        client.expiry = null;
        const { will } = packet;
        client.will =
          will === undefined
            ? null
            : { topic: will.topic, payload: Buffer.from(will.payload), retain: will.retain ?? false };
        clients.add(client);
        heard(client);
        return send(client, { cmd: "connack", returnCode: 0, sessionPresent: false });
      }
      case "subscribe": {
        const asked = packet.subscriptions.map(({ topic }) => topic);
        const allowed = asked.filter((topic) => ![...refused].some((prefix) => topic.startsWith(prefix)));
        for (const topic of allowed) client.filters.add(topic);
        client.takes.clear();
        const granted = asked.map((topic) => (allowed.includes(topic) ? 0 : 0x80));
        send(client, { cmd: "suback", messageId: packet.messageId ?? 0, granted });
        for (const [topic, payload] of retained) {
          if (allowed.some((filter) => matches(filter, topic))) give(client, topic, payload);
        }
        return;
      }
      case "unsubscribe":
        for (const topic of packet.unsubscriptions) client.filters.delete(topic);
        client.takes.clear();
        return send(client, { cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
      case "publish":
        return published(client, packet.topic, Buffer.from(packet.payload), packet.retain, () => {
          if (packet.qos === 1) send(client, { cmd: "puback", messageId: packet.messageId ?? 0 });
        });
      case "pingreq":
        return send(client, { cmd: "pingresp" });
      case "disconnect":
        client.will = null;
        return drop(client);
      default:
        return undefined;
    }
  }

  function published(client: Client, topic: string, payload: Buffer, retain: boolean, acknowledge: () => void): void {
    let denial: Denial = "none";
    if (denials.size > 0) denial = [...denials].find(([prefix]) => topic.startsWith(prefix))?.[1] ?? "none";
    if (denial === "close") return drop(client);
    acknowledge();
    if (denial !== "none") return;
    for (const one of told) one({ from: client.name, topic, payload });
    forward(topic, payload, retain);
  }

  function accept(stream: Stream, from: string): (event: StreamEvent) => void {
    const client: Client = {
      name: from,
      stream,
      id: "",
      filters: new Set(),
      takes: new Map(),
      will: null,
      keepAliveMs: 0,
      heardAt: 0,
      expiry: null,
    };
    const packets = parser({ protocolVersion: 4 });
    packets.on("packet", (packet: Packet) => take(client, packet));
    packets.on("error", () => drop(client));
    let pending: Buffer = Buffer.alloc(0);

    /** Most packets of a connected client are plain; the parser has the others. */
    function takeBytes(bytes: Uint8Array): void {
      pending = pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([pending, bytes]);
      for (let size = packetSize(pending); size !== null && size <= pending.length; size = packetSize(pending)) {
        const packet = pending.subarray(0, size);
        pending = pending.subarray(size);
        const plain = clients.has(client) ? readPublish(packet) : null;
        if (plain === null) packets.parse(packet);
        else {
          heard(client);
          published(client, plain.topic, plain.payload, plain.retain, () => undefined);
        }
      }
    }

    return (event) => {
      if (event.what === "bytes") takeBytes(event.bytes);
      else if (event.what === "closed") lost(client);
    };
  }

  function up(on: boolean): void {
    listens = on;
    if (on) return network.listen("broker", accept);
    network.listen("broker", null);
    for (const client of clients) if (client.expiry !== null) client.expiry.cancelled = true;
    clients.clear();
  }

  up(true);
  return {
    up,
    isUp: () => listens,
    publish: (topic, payload, retain) => forward(topic, Buffer.from(payload), retain),
    forge(topic, payload) {
      if (listens) forward(topic, Buffer.from(payload), false, false);
    },
    onPublished(published) {
      told.push(published);
    },
    deny: (prefix, how) => void denials.set(prefix, how),
    refuseSubscriptions: (prefix) => void refused.add(prefix),
  };
}
