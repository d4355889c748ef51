// A small MQTT 3.1.1 broker for the simulated network. One thread, no clock of its own: the same run, the same bytes.

import { generate, type Packet, parser } from "mqtt-packet";
import type { Agenda, Handle } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import type { Network, Stream } from "./network.js";

interface Client {
  readonly name: string;
  readonly stream: Stream;
  id: string;
  readonly filters: Set<string>;
  will: { topic: string; payload: Buffer; retain: boolean } | null;
  keepAliveMs: number;
  expiry: Handle | null;
}

/** What a broker may do to a topic that a client has no right to. */
export type Denial = "none" | "drop" | "close";

export interface Broker {
  up(on: boolean): void;
  /** As if some client had published. */
  publish(topic: string, payload: string, retain: boolean): void;
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
  /** A publish has reached a device, at that very time. */
  delivered: (device: string, topic: string, bytes: number) => void,
): Broker {
  const retained = new Map<string, Buffer>();
  const clients = new Set<Client>();
  const denials = new Map<string, Denial>();
  const refused = new Set<string>();

  const send = (client: Client, packet: Packet): void => client.stream.send(generate(packet));

  function forward(topic: string, payload: Buffer, retain: boolean): void {
    if (retain) {
      if (payload.length === 0) retained.delete(topic);
      else retained.set(topic, payload);
    }
    for (const client of clients) {
      if ([...client.filters].some((filter) => matches(filter, topic))) give(client, topic, payload, false);
    }
  }

  function give(client: Client, topic: string, payload: Buffer, retain: boolean): void {
    const packet = generate({ cmd: "publish", topic, payload, retain, qos: 0, dup: false });
    client.stream.send(packet, () => delivered(client.name, topic, payload.length));
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
    if (client.expiry !== null) client.expiry.cancelled = true;
    client.expiry = client.keepAliveMs > 0 ? agenda.after(client.keepAliveMs * 1.5, () => drop(client)) : null;
  }

  function take(client: Client, packet: Packet): void {
    heard(client);
    switch (packet.cmd) {
      case "connect": {
        for (const other of [...clients]) if (other.id === packet.clientId && other !== client) drop(other);
        client.id = packet.clientId;
        client.keepAliveMs = (packet.keepalive ?? 0) * 1_000;
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
        const granted = asked.map((topic) => (allowed.includes(topic) ? 0 : 0x80));
        send(client, { cmd: "suback", messageId: packet.messageId ?? 0, granted });
        for (const [topic, payload] of retained) {
          if (allowed.some((filter) => matches(filter, topic))) give(client, topic, payload, true);
        }
        return;
      }
      case "unsubscribe":
        for (const topic of packet.unsubscriptions) client.filters.delete(topic);
        return send(client, { cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
      case "publish": {
        const denial = [...denials].find(([prefix]) => packet.topic.startsWith(prefix))?.[1] ?? "none";
        if (denial === "close") return drop(client);
        if (packet.qos === 1) send(client, { cmd: "puback", messageId: packet.messageId ?? 0 });
        if (denial === "none") forward(packet.topic, Buffer.from(packet.payload), packet.retain);
        return;
      }
      case "pingreq":
        return send(client, { cmd: "pingresp" });
      case "disconnect":
        client.will = null;
        return drop(client);
      default:
        return undefined;
    }
  }

  function accept(stream: Stream, from: string): (event: StreamEvent) => void {
    const client: Client = { name: from, stream, id: "", filters: new Set(), will: null, keepAliveMs: 0, expiry: null };
    const packets = parser({ protocolVersion: 4 });
    packets.on("packet", (packet: Packet) => take(client, packet));
    packets.on("error", () => drop(client));
    return (event) => {
      if (event.what === "bytes") packets.parse(Buffer.from(event.bytes));
      else if (event.what === "closed") lost(client);
    };
  }

  function up(on: boolean): void {
    if (on) return network.listen("broker", accept);
    network.listen("broker", null);
    for (const client of clients) if (client.expiry !== null) client.expiry.cancelled = true;
    clients.clear();
  }

  up(true);
  return {
    up,
    publish: (topic, payload, retain) => forward(topic, Buffer.from(payload), retain),
    deny: (prefix, how) => void denials.set(prefix, how),
    refuseSubscriptions: (prefix) => void refused.add(prefix),
  };
}
