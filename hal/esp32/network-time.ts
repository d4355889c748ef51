// The wall clock from the network: SNTP, RFC 4330 section 5. Monotonic time does not know of it.

import type { Net, TimerModule, UdpClass } from "./classes.js";
import { udpOf } from "./datagrams.js";

const SERVER = "pool.ntp.org";
const NTP_PORT = 123;
const LENGTH = 48;
/** Version 4, client. */
const REQUEST = 0x23;
const SERVER_MODE = 4;
const UNIX_EPOCH = 2_208_988_800;
const ERA = 2 ** 32;
/** A server's clock is known and not in alarm, and it is a server of the tree. */
const ALARM = 3;
const STRATUM_LIMIT = 15;
const RETRY_MS = 15_000;
const AGAIN_MS = 6 * 3_600_000;

/** Seconds since 1970 in an answer to the request with this stamp, null when it is none. Good from 1968 to 2104. */
export function timeIn(bytes: Uint8Array, stamp: number): number | null {
  if (bytes.length < LENGTH) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(0);
  const stratum = view.getUint8(1);
  if ((first & 7) !== SERVER_MODE || first >> 6 === ALARM) return null;
  if (stratum === 0 || stratum > STRATUM_LIMIT) return null;
  if (view.getUint32(24) !== stamp) return null;
  const seconds = view.getUint32(40);
  if (seconds === 0) return null;
  return (seconds < 2 ** 31 ? seconds + ERA : seconds) - UNIX_EPOCH;
}

/** Asks at start, each 15 s until there is an answer, and then each 6 hours. `random`: 32 bits that a stranger cannot guess. */
export function networkTimeOf(
  sdk: { readonly UDP: UdpClass; readonly net: Net; readonly Timer: TimerModule; random(): number },
  told: (unixS: number) => void,
): void {
  let stamp = 0;
  const socket = udpOf(sdk.UDP, null, (_address, port, bytes) => {
    const unix = port === NTP_PORT && stamp !== 0 ? timeIn(bytes, stamp) : null;
    if (unix === null) return;
    stamp = 0;
    told(unix);
  });
  function ask(): void {
    stamp = (sdk.random() >>> 0) | 1;
    stamp >>>= 0;
    const request = new Uint8Array(LENGTH);
    const view = new DataView(request.buffer);
    view.setUint8(0, REQUEST);
    view.setUint32(40, stamp);
    try {
      sdk.net.resolve(SERVER, (_name, address) => {
        if (address !== undefined) socket.send(address, NTP_PORT, request);
      });
    } catch {
      // No link yet.
    }
    sdk.Timer.set(() => (stamp === 0 ? sdk.Timer.set(ask, AGAIN_MS) : ask()), RETRY_MS);
  }
  ask();
}
