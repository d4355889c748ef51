// Why there is no connection to a server, in words for the log and the pages.

import type { ConnectTrouble } from "../hal/ports.js";
import { frozen } from "./frozen.js";

/** Beside those of the stream: what a session with a broker finds out itself. */
export type Trouble =
  | ConnectTrouble
  | "linkDown"
  | "late"
  | "closed"
  | "noAnswer"
  | "hungUp"
  | "wentSilent"
  | "notMqtt"
  | "version"
  | "clientId"
  | "unavailable"
  | "login"
  | "notAuthorised"
  | "stopped";

export const TROUBLES: Readonly<Record<Trouble, string>> = frozen({
  noAddress: "nobody on the network knows this name",
  unreachable: "nothing answers at this address and port",
  expired: "its certificate has expired",
  notYetValid: "its certificate is not valid yet",
  otherName: "its certificate is for another name",
  unknownCa: "its certificate is signed by nobody who is trusted here",
  badCertificate: "its certificate cannot be used",
  noTime: "without the time of day no certificate can be believed",
  badKey: "the certificate or key of this device cannot be used",
  refused: "it does not take the certificate of this device",
  handshake: "it does not speak TLS 1.2 as this device does",
  silent: "it does not answer in TLS",
  noTls: "this device was built without TLS",
  gone: "a certificate that was stored here is gone: store it again",
  linkDown: "the link is down",
  late: "no connection in time",
  closed: "it hangs up before a word of MQTT: it is another server, or wants TLS",
  noAnswer: "it does not answer",
  hungUp: "the broker closed the connection",
  wentSilent: "the broker has gone silent",
  notMqtt: "it speaks no MQTT",
  version: "it does not speak MQTT 3.1.1",
  clientId: "it refuses the client's id",
  unavailable: "it is not available",
  login: "it refuses user or password",
  notAuthorised: "it does not authorise this device",
  stopped: "stopped",
});
