// Carries the devices' MQTT streams and their datagrams: first over the simulated network, whose links, halves and weather the
// dashboard's buttons change, then over real sockets. What arrives is put into the site's agenda, so that the firmware runs
// where it always runs.

import type { Agenda } from "../hal/sim/plant/agenda.js";
import { nameAt } from "../hal/sim/plant/announcing.js";
import { createChance } from "../hal/sim/plant/chance.js";
import type { Fact } from "../hal/sim/plant/facts.js";
import { type Carrier, createNetwork } from "../hal/sim/plant/network.js";
import type { ScenarioEvent } from "../hal/sim/plant/scenario.js";
import { createLiveDatagrams } from "./live-datagrams.js";
import { createGateway } from "./live-gateway.js";

export interface LiveCarrier extends Carrier {
  /** Does to the network what happens to the site. */
  follow(fact: Fact): void;
  close(): void;
}

/** `tls`: this machine opens the private stream for the devices, by the authorities that its Node trusts. */
export interface OutsideBroker {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface CarrierOptions {
  /** Of the site, which is made after its carrier. */
  readonly agenda: () => Agenda;
  readonly seed: number;
  /** Devices that are on no network until their radio has joined it. */
  readonly fresh: readonly string[];
  /** The firmware's host name "broker". */
  readonly broker: OutsideBroker;
  /** Makes, for each stream, what sees the bytes that reach its host. */
  readonly passes: () => (bytes: Uint8Array) => void;
  /** A datagram has got through. */
  readonly passed: (bytes: Uint8Array) => void;
}

const BROKER = "broker";

const lateAgenda = (agenda: () => Agenda): Agenda => ({
  now: () => agenda().now(),
  at: (ms, act) => agenda().at(ms, act),
  after: (ms, act) => agenda().after(ms, act),
  run: (untilMs) => agenda().run(untilMs),
  onAdvance: (act) => agenda().onAdvance(act),
});

export function createLiveCarrier({ agenda, seed, fresh, broker, passes, passed }: CarrierOptions): LiveCarrier {
  const later = (act: () => void): void => void agenda().after(0, act);
  const network = createNetwork(lateAgenda(agenda), createChance(seed).fork("live network"));
  const gateway = createGateway(later, passes);
  const datagrams = createLiveDatagrams(later);
  const devices = new Set<string>();
  const cut = new Set<string>();
  const off = new Set<string>();
  const apart = new Set(fresh);
  turnBroker(true);

  function turnBroker(up: boolean): void {
    const tls = broker.tls ? { serverName: broker.host, ca: null, certificate: null, key: null, unix: 0 } : null;
    const accept = up ? gateway.to(broker.host, broker.port, tls) : null;
    network.listen(BROKER, accept, "later");
  }

  function reach(device: string): void {
    const up = !cut.has(device) && !off.has(device) && !apart.has(device);
    network.link(device, up);
    datagrams.reach(device, up);
  }

  function happened(event: ScenarioEvent): void {
    if (event.what === "partition") network.partition(event.groups);
    if (event.what === "network") network.weather(event);
    if (event.what === "broker") turnBroker(event.up);
    if (event.what !== "link") return;
    if (event.up) cut.delete(event.device);
    else cut.add(event.device);
    reach(event.device);
  }

  return {
    connect(from, { host: name, port, tls }, events) {
      const isOurs = nameAt(name) === BROKER && tls === null;
      // Each device trusts whom it will: what listens for one is nobody else's.
      const host = isOurs ? BROKER : `${name}:${port}${tls === null ? "" : ` for ${from}`}`;
      if (!isOurs) network.listen(host, gateway.to(name, port, tls), "later");
      return network.connect(from, { host, port, tls }, events);
    },
    datagram: network.datagram,
    // The devices listen on this machine alone: what they say of themselves is of no use to the network around it.
    announce: network.announce,
    search: network.search,
    hear(device, heard) {
      devices.add(device);
      datagrams.hear(device, heard);
      network.hear(device, ({ from, bytes }) => {
        passed(bytes);
        datagrams.send(from, device, bytes);
      });
      reach(device);
    },
    follow(fact) {
      if (fact.kind === "event") happened(fact.event);
      if (fact.kind === "radio") {
        if (fact.joined) apart.delete(fact.device);
        else apart.add(fact.device);
        reach(fact.device);
      }
      if (fact.kind !== "power" || fact.cause === "restart") return;
      if (fact.on) off.delete(fact.device);
      else off.add(fact.device);
      reach(fact.device);
      if (!fact.on) network.vanish(fact.device);
    },
    close() {
      gateway.close();
      for (const device of devices) datagrams.reach(device, false);
    },
  };
}
