// Who announces what on the simulated local network (mDNS): the site's broker, and each device that has said that it is there.
// It takes no chance and sends no message of the site: a run is the same whether anybody searches or not.

import type { Agenda } from "./agenda.js";
import type { Presence, ServiceAnswer } from "./board.js";

/** The part that a device needs of whoever carries its announcement. */
export interface AnnouncingCarrier {
  /** In place of what it said before; null: nothing. */
  announce(device: string, as: Presence | null): void;
  /** `answered` is called for each who is in reach. */
  search(device: string, answered: (answer: ServiceAnswer) => void): void;
}

/** The name under which the site's broker listens, and where it says that it is. */
const BROKER = "broker";
const BROKER_ADDRESS = "192.168.1.2";
const BROKER_PORT = 1_883;
const FIRST_DEVICE = 20;
const PAGES_PORT = 80;
const ANSWER_MS = 50;

/** The name of the host at an address that was announced; any other as it is. */
export const nameAt = (host: string): string => (host === BROKER_ADDRESS ? BROKER : host);

const BROKER_ANSWER: ServiceAnswer = Object.freeze({
  service: "_mqtt._tcp",
  name: "Casa's broker",
  host: `${BROKER}.local`,
  address: BROKER_ADDRESS,
  port: BROKER_PORT,
  text: [],
});

export function createAnnouncing(
  agenda: Agenda,
  reach: (from: string, to: string) => boolean,
  listens: (name: string) => boolean,
): AnnouncingCarrier {
  const said = new Map<string, Presence | null>();

  function answerOf(device: string, place: number): ServiceAnswer | null {
    const as = said.get(device) ?? null;
    if (as === null) return null;
    const { name, text } = as;
    const host = `${as.host}.local`;
    return { service: "_ievcc._tcp", name, host, address: `192.168.1.${FIRST_DEVICE + place}`, port: PAGES_PORT, text };
  }

  return {
    announce: (device, as) => void said.set(device, as),
    search: (device, answered) =>
      void agenda.after(ANSWER_MS, () => {
        if (listens(BROKER) && reach(device, BROKER)) answered(BROKER_ANSWER);
        for (const [place, other] of [...said.keys()].entries()) {
          const answer = other !== device && reach(device, other) ? answerOf(other, place) : null;
          if (answer !== null) answered(answer);
        }
      }),
  };
}
