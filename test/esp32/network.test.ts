import assert from "node:assert/strict";
import type { HeardStation, Tcp, TcpEvents, WifiNotice } from "../../hal/esp32/classes.js";
import { namesOf, SITE_PORT, siteDatagramsOf } from "../../hal/esp32/datagrams.js";
import { ethernetOf } from "../../hal/esp32/ethernet.js";
import { networkTimeOf, timeIn } from "../../hal/esp32/network-time.js";
import { radioOf } from "../../hal/esp32/radio.js";
import { pagesOf, streamsOf } from "../../hal/esp32/streams.js";
import type { StreamEvent } from "../../src/device-state.js";
import type { RadioEvent } from "../../src/wifi.js";
import { twinNatives } from "./natives.js";
import { TwinTcp, twinTimers, twinUdp } from "./twins.js";

const text = (bytes: readonly number[] | Uint8Array): string => new TextDecoder().decode(Uint8Array.from(bytes));
const bytesOf = (words: string): Uint8Array => new TextEncoder().encode(words);
const wordsOf = (event: StreamEvent): string => (event.what === "bytes" ? text(event.bytes) : event.what);

/** Names are answered when the test says so. */
function twinNet(address: string | undefined = "10.0.0.9") {
  const asked: ((address?: string) => void)[] = [];
  const net = {
    get: () => address,
    resolve: (host: string, done: (name: string, address: string | undefined) => void): void => {
      asked.push((found) => done(host, found));
    },
  };
  return { net, asked };
}

function streams() {
  const sockets: TwinTcp[] = [];
  const told: string[] = [];
  const { net, asked } = twinNet();
  const timers = twinTimers();
  class TCP extends TwinTcp {
    constructor(options: TcpEvents) {
      super(options);
      sockets.push(this);
    }
  }
  const port = streamsOf({ TCP, net, Timer: timers.Timer }, (id, event) => told.push(`${id} ${wordsOf(event)}`));
  return { port, sockets, told, asked, timers };
}

describe("esp32 streams", () => {
  it("opens once, brings bytes in pieces and sends as much as there is room for", () => {
    const { port, sockets, told, asked } = streams();
    port.connect(1, "broker", 1_883);
    asked[0]?.("10.0.0.1");
    sockets[0]?.takes(4);
    port.send(1, bytesOf("CONNECT"));
    assert.equal(text(sockets[0]?.written ?? []), "CONN");
    sockets[0]?.takes(100);
    sockets[0]?.says("CON");
    sockets[0]?.says("NACK");
    assert.equal(text(sockets[0]?.written ?? []), "CONNECT");
    assert.deepEqual(told, ["1 open", "1 CON", "1 NACK"]);
  });
  it("says that it is closed for a name that nobody knows, and for a connection that breaks", () => {
    const { port, sockets, told, asked } = streams();
    port.connect(1, "nobody", 1);
    asked[0]?.(undefined);
    port.connect(2, "broker", 1);
    asked[1]?.("10.0.0.1");
    sockets[0]?.takes(10);
    sockets[0]?.events.onError();
    sockets[0]?.events.onError();
    port.send(2, bytesOf("lost"));
    assert.deepEqual(told, ["1 closed", "2 open", "2 closed"]);
  });
  it("connects after a broker that says nothing, a name that nobody answers, and an event that promises too much", () => {
    const { port, sockets, told, asked } = streams();
    port.connect(1, "silent", 1);
    asked[0]?.("10.0.0.1");
    port.close(1);
    port.connect(2, "unanswered", 1);
    port.close(2);
    port.connect(3, "broker", 1);
    asked[2]?.("10.0.0.1");
    sockets[1]?.takes(10);
    sockets[1]?.events.onReadable(300);
    sockets[1]?.says("half");
    sockets[1]?.events.onReadable(300);
    sockets[1]?.says(" and half");
    sockets[0]?.takes(10);
    sockets[0]?.says("late");
    assert.deepEqual([told, sockets[0]?.closed], [["3 open", "3 half", "3  and half"], true]);
  });
  it("carries the broker's stream and that of a web server side by side, and ends each alone", () => {
    const { port, sockets, told, asked } = streams();
    port.connect(1, "broker", 1_883);
    port.connect(1_000_001, "emoncms", 80);
    asked[0]?.("10.0.0.1");
    asked[1]?.("10.0.0.2");
    for (const socket of sockets) socket.takes(100);
    port.send(1, bytesOf("to the broker"));
    port.send(1_000_001, bytesOf("to the server"));
    assert.deepEqual(
      sockets.map(({ written }) => text(written)),
      ["to the broker", "to the server"],
    );
    sockets[1]?.says("ok");
    port.close(1_000_001);
    port.connect(1_000_002, "influx", 80);
    sockets[0]?.says("still here");
    port.send(1_000_001, bytesOf("late"));
    asked[2]?.(undefined);
    assert.deepEqual(told, ["1 open", "1000001 open", "1000001 ok", "1 still here", "1000002 closed"]);
    assert.deepEqual(
      sockets.map(({ closed }) => closed),
      [false, true],
    );
  });
  it("takes no late answer of a connection that another has followed", () => {
    const { port, sockets, told, asked } = streams();
    port.connect(1, "slow", 1);
    port.connect(2, "broker", 1);
    asked[1]?.("10.0.0.1");
    asked[0]?.("10.0.0.2");
    asked[1]?.("10.0.0.1");
    assert.equal(sockets.length, 1);
    sockets[0]?.takes(10);
    port.connect(3, "broker", 1);
    asked[2]?.("10.0.0.1");
    sockets[0]?.events.onError();
    sockets[1]?.takes(10);
    assert.deepEqual([told, sockets[0]?.closed], [["2 open", "3 open"], true]);
  });
  it("ends a connection whose other side reads nothing", () => {
    const { port, told, asked, sockets } = streams();
    port.connect(1, "broker", 1);
    asked[0]?.("10.0.0.1");
    sockets[0]?.takes(1);
    for (let at = 0; at < 30; at++) port.send(1, new Uint8Array(1_000));
    assert.deepEqual(told, ["1 open", "1 closed"]);
  });
});

function pages() {
  const waiting: Tcp[] = [];
  const accepted: TwinTcp[] = [];
  const told: string[] = [];
  const timers = twinTimers();
  let event = (_count: number): void => undefined;
  class TCP extends TwinTcp {
    constructor(options: TcpEvents) {
      super(options);
      accepted.push(this);
    }
  }
  class Listener {
    constructor(options: { readonly port: number; onReadable(waiting: number): void }) {
      assert.equal(options.port, 80);
      event = (count) => options.onReadable(count);
    }
    read(): Tcp | undefined {
      return waiting.shift();
    }
  }
  const port = pagesOf({ Listener, TCP, Timer: timers.Timer }, (id, what) => told.push(`${id} ${wordsOf(what)}`));
  const knocking = new TwinTcp({ onReadable: () => undefined, onWritable: () => undefined, onError: () => undefined });
  const knock = (count: number): void => {
    for (let at = 0; at < count; at++) waiting.push(knocking);
    event(count);
  };
  return { port, accepted, told, knock, knocking, timers };
}

describe("esp32 pages", () => {
  it("opens a connection once, brings its request and closes it when its answer has left", () => {
    const { port, accepted, told, knock } = pages();
    knock(1);
    accepted[0]?.takes(3);
    accepted[0]?.says("GET /");
    port.send(1, bytesOf("answer"));
    port.close(1);
    assert.equal(accepted[0]?.closed, false);
    accepted[0]?.takes(100);
    assert.deepEqual([text(accepted[0]?.written ?? []), accepted[0]?.closed], ["answer", true]);
    assert.deepEqual(told, ["1 open", "1 GET /"]);
  });
  it("turns the eighth away, and takes the next when one has gone", () => {
    const { accepted, told, knock, knocking } = pages();
    knock(8);
    assert.deepEqual([accepted.length, knocking.closed], [7, true]);
    accepted[0]?.events.onError();
    knock(1);
    assert.deepEqual(told.slice(-2), ["1 closed", "8 open"]);
  });
  it("serves the next after one that says nothing, half of it or noise, and after one that leaves in the middle", () => {
    const { port, accepted, told, knock } = pages();
    knock(4);
    accepted[1]?.says("GE");
    accepted[2]?.says("\u0001\u0002");
    accepted[2]?.events.onReadable(99);
    accepted[3]?.says("GET /");
    accepted[3]?.events.onError();
    port.send(4, bytesOf("too late"));
    for (const silent of [1, 2, 3]) port.close(silent);
    accepted[0]?.says("late");
    knock(7);
    assert.deepEqual([accepted.length, accepted.slice(0, 4).every((one) => one.closed)], [11, true]);
    assert.deepEqual(told.slice(4, 8), ["2 GE", "3 \u0001\u0002", "4 GET /", "4 closed"]);
    assert.deepEqual(told.slice(-1), ["11 open"]);
  });
  it("gives up a browser that never takes its answer after 5 s", () => {
    const { port, accepted, knock, timers } = pages();
    knock(1);
    accepted[0]?.takes(2);
    port.send(1, bytesOf("answer"));
    port.close(1);
    timers.pass(5_000);
    assert.equal(accepted[0]?.closed, true);
  });
});

describe("esp32 datagrams", () => {
  it("speaks to everybody or to one, and hears who spoke", () => {
    const { UDP, sockets } = twinUdp();
    const heard: string[] = [];
    const port = siteDatagramsOf(UDP, (from, bytes) => heard.push(`${from} ${text(bytes)}`));
    port.send(null, bytesOf("a"));
    port.send("10.0.0.3", bytesOf("b"));
    sockets[0]?.hear("10.0.0.3", 9, [...bytesOf("c")], false);
    sockets[0]?.hear("10.0.0.4", 9, [...bytesOf("d")]);
    sockets[0]?.hear("10.0.0.4", 9, []);
    assert.deepEqual(sockets[0]?.sent, [
      ["255.255.255.255", SITE_PORT, [97]],
      ["10.0.0.3", SITE_PORT, [98]],
    ]);
    assert.deepEqual(heard, ["10.0.0.3 c", "10.0.0.4 d"]);
  });
  it("loses what cannot be sent, and sends the next", () => {
    const { UDP, sockets } = twinUdp();
    const port = siteDatagramsOf(UDP, () => undefined);
    const [socket] = sockets;
    assert.ok(socket);
    socket.reachable = false;
    port.send(null, bytesOf("a"));
    socket.reachable = true;
    port.send(null, bytesOf("b"));
    assert.equal(socket.sent.length, 1);
  });
  it("passes over what is longer than any message, and hears the next", () => {
    const { UDP, sockets } = twinUdp();
    const heard: string[] = [];
    siteDatagramsOf(UDP, (_from, bytes) => heard.push(text(bytes)));
    sockets[0]?.hear("10.0.0.3", 9, new Array<number>(1_473).fill(1));
    for (let at = 0; at < 40; at++) sockets[0]?.hear("10.0.0.3", 9, [97], false);
    sockets[0]?.hear("10.0.0.3", 9, [98]);
    sockets[0]?.hear("10.0.0.3", 9, [99]);
    assert.deepEqual([heard.length, heard.at(-1)], [42, "c"]);
  });
  it("answers a name where the question came from, and nobody else", () => {
    const { UDP, sockets } = twinUdp();
    const port = namesOf(UDP, (from, bytes) => port.answer(from, bytes));
    sockets[0]?.hear("192.168.4.2", 4_001, [1, 2]);
    port.answer("nobody", Uint8Array.of(1));
    assert.deepEqual([sockets[0]?.port, sockets[0]?.sent], [53, [["192.168.4.2", 4_001, [1, 2]]]]);
  });
});

const answerOf = (request: readonly number[], unix: number, change: (view: DataView) => void = () => undefined) => {
  const answer = new Uint8Array(48);
  const view = new DataView(answer.buffer);
  view.setUint8(0, 0x24);
  view.setUint8(1, 2);
  answer.set(request.slice(40, 44), 24);
  view.setUint32(40, (unix + 2_208_988_800) % 2 ** 32);
  change(view);
  return [...answer];
};

describe("esp32 time of the network", () => {
  const UNIX = 1_800_000_000;
  function clock() {
    const { UDP, sockets } = twinUdp();
    const { net, asked } = twinNet();
    const timers = twinTimers();
    const told: number[] = [];
    networkTimeOf({ UDP, net, Timer: timers.Timer, random: () => 0x12345678 }, (unix) => told.push(unix));
    return { socket: sockets[0], asked, timers, told };
  }
  it("asks again each 15 s until there is an answer, and then in 6 hours", () => {
    const { socket, asked, timers, told } = clock();
    timers.pass(40_000);
    assert.equal(asked.length, 3);
    asked[2]?.("10.1.1.1");
    socket?.hear("10.1.1.1", 123, answerOf(socket.sent[0]?.[2] ?? [], UNIX));
    timers.pass(5 * 3_600_000);
    assert.deepEqual([told, asked.length], [[UNIX], 3]);
    timers.pass(2 * 3_600_000);
    assert.ok(asked.length > 3);
  });
  it("believes no half answer, no noise, no other server's alarm, and nothing twice", () => {
    const { socket, asked, told } = clock();
    asked[0]?.("10.1.1.1");
    const request = socket?.sent[0]?.[2] ?? [];
    const good = answerOf(request, UNIX);
    socket?.hear("10.1.1.1", 123, good.slice(0, 47));
    socket?.hear(
      "10.1.1.1",
      123,
      good.map(() => 0x24),
    );
    socket?.hear("10.1.1.1", 124, good);
    socket?.hear(
      "10.1.1.1",
      123,
      answerOf(request, UNIX, (view) => view.setUint8(0, 0xe4)),
    );
    socket?.hear(
      "10.1.1.1",
      123,
      answerOf(request, UNIX, (view) => view.setUint8(1, 0)),
    );
    socket?.hear("10.1.1.1", 123, answerOf([], UNIX));
    assert.deepEqual(told, []);
    socket?.hear("10.1.1.1", 123, good);
    socket?.hear("10.1.1.1", 123, good);
    assert.deepEqual(told, [UNIX]);
  });
  it("takes no answer to a question that another has followed, and its own after it", () => {
    let stamp = 7;
    const { UDP, sockets } = twinUdp();
    const { net, asked } = twinNet();
    const timers = twinTimers();
    const told: number[] = [];
    networkTimeOf({ UDP, net, Timer: timers.Timer, random: () => (stamp += 2) }, (unix) => told.push(unix));
    asked[0]?.("10.1.1.1");
    timers.pass(15_000);
    asked[1]?.("10.1.1.1");
    const [first, second] = sockets[0]?.sent ?? [];
    sockets[0]?.hear("10.1.1.1", 123, answerOf(first?.[2] ?? [], UNIX - 15));
    assert.deepEqual(told, []);
    sockets[0]?.hear("10.1.1.1", 123, answerOf(second?.[2] ?? [], UNIX));
    assert.deepEqual(told, [UNIX]);
  });
  it("asks again after a name that nobody knows and a network that is not there", () => {
    const { UDP, sockets } = twinUdp();
    const timers = twinTimers();
    const told: number[] = [];
    let turn = 0;
    const resolve = (name: string, done: (name: string, address: string | undefined) => void): void => {
      turn++;
      if (turn === 1) throw new Error("no link");
      done(name, turn === 2 ? undefined : "10.1.1.1");
    };
    const net = { get: () => undefined, resolve };
    networkTimeOf({ UDP, net, Timer: timers.Timer, random: () => 5 }, (unix) => told.push(unix));
    timers.pass(30_000);
    sockets[0]?.hear("10.1.1.1", 123, answerOf(sockets[0].sent[0]?.[2] ?? [], UNIX));
    assert.deepEqual([turn, told], [3, [UNIX]]);
  });
  it("reads stamps beyond the year 2036", () => {
    const late = 2_300_000_000;
    const request = [...new Array<number>(40).fill(0), 0, 0, 0, 7];
    assert.equal(timeIn(Uint8Array.from(answerOf(request, late)), 7), late);
  });
});

function radio(address: string | undefined = "10.0.0.9") {
  const told: RadioEvent[] = [];
  const acts: string[] = [];
  const timers = twinTimers();
  let notice: WifiNotice = () => undefined;
  let each = (_heard: HeardStation | null): void => undefined;
  let breaks = false;
  const guard = (what: string): void => {
    if (breaks) throw new Error(what);
    acts.push(what);
  };
  class WiFi {
    static mode = 0;
    static connect(station?: { readonly ssid: string }): void {
      guard(station === undefined ? "leave" : `join ${station.ssid}`);
    }
    static scan(_options?: object, found?: (heard: HeardStation | null) => void): void {
      guard("scan");
      if (found !== undefined) each = found;
    }
    static accessPoint(own: { readonly ssid: string }): void {
      guard(`open ${own.ssid}`);
    }
    constructor(_options: undefined, given: WifiNotice) {
      notice = given;
    }
  }
  const port = radioOf({ WiFi, net: twinNet(address).net, Timer: timers.Timer }, (event) => told.push(event));
  const join = (ssid: string): void => port.act({ kind: "join", ssid, password: "secret-word" });
  return {
    port,
    join,
    told,
    acts,
    timers,
    WiFi,
    notice: (message: string, reason?: number) => notice(message, reason),
    hear: (heard: HeardStation | null) => each(heard),
    breaks: (does: boolean) => {
      breaks = does;
    },
  };
}

describe("esp32 radio", () => {
  const what = (told: readonly RadioEvent[]) => told.map((event) => (event.what === "failed" ? event.why : event.what));
  it("joins, in whatever order the notices come, and says so once", () => {
    for (const order of [
      ["connect", "gotIP"],
      ["gotIP", "connect"],
      ["start", "connect", "connect", "gotIP", "gotIP"],
    ]) {
      const { join, told, notice, timers } = radio();
      join("home");
      for (const message of order) notice(message);
      timers.pass(60_000);
      assert.deepEqual(told, [{ what: "joined", address: "10.0.0.9" }]);
    }
  });
  it("tells a wrong password from a network that is not there, and one that gives no address", () => {
    const { join, told, notice, timers } = radio();
    join("home");
    notice("disconnect", -1);
    join("home");
    notice("disconnect", 0);
    join("home");
    notice("connect");
    timers.pass(20_000);
    assert.deepEqual(what(told), ["password", "notFound", "noAddress"]);
  });
  it("takes the end of a network that it has left for no failure of the next", () => {
    const { join, told, notice } = radio();
    join("home");
    notice("connect");
    notice("gotIP");
    join("other");
    notice("disconnect", 0);
    notice("connect");
    notice("gotIP");
    notice("disconnect", 0);
    assert.deepEqual(what(told), ["joined", "joined", "lost"]);
  });
  it("says nothing of a network that it was told to leave", () => {
    const { port, join, told, notice, timers } = radio();
    join("home");
    notice("connect");
    port.act({ kind: "leave" });
    notice("gotIP");
    notice("disconnect", 0);
    timers.pass(60_000);
    assert.deepEqual(told, []);
  });
  it("passes over notices that it does not know, an address too late, and ends of what never began", () => {
    const { join, told, notice, timers } = radio();
    for (const message of ["", "gotIP", "connect", "disconnect", "lost_beacon"]) notice(message);
    join("home");
    notice("connect");
    timers.pass(20_000);
    notice("gotIP");
    notice("disconnect", 0);
    notice("disconnect", 0);
    join("home");
    notice("connect");
    notice("gotIP");
    assert.deepEqual(what(told), ["noAddress", "joined"]);
  });
  it("joins after a restart in the middle of a join, whose notices still come", () => {
    const { join, told, notice } = radio();
    notice("connect");
    notice("gotIP");
    join("home");
    notice("disconnect", 0);
    join("home");
    notice("connect");
    notice("gotIP");
    assert.equal(what(told).at(-1), "joined");
  });
  it("joins after silence, and after a radio that refuses", () => {
    const { join, told, notice, breaks, timers } = radio();
    breaks(true);
    join("home");
    breaks(false);
    join("home");
    timers.pass(40_000);
    join("home");
    notice("connect");
    notice("gotIP");
    assert.deepEqual(what(told), ["refused", "joined"]);
  });
  it("tells what it heard, and an empty list when it cannot look", () => {
    const { port, told, hear, breaks } = radio();
    port.act({ kind: "scan" });
    hear({ ssid: "home", rssi: -60, authentication: "wpa2_psk" });
    hear({ ssid: "guest", rssi: -70, authentication: "none" });
    hear(null);
    breaks(true);
    port.act({ kind: "scan" });
    assert.deepEqual(told, [
      {
        what: "scanned",
        networks: [
          { ssid: "home", rssi: -60, open: false },
          { ssid: "guest", rssi: -70, open: true },
        ],
      },
      { what: "scanned", networks: [] },
    ]);
  });
  it("opens its access point again until it is open, and closes it", () => {
    const { port, acts, breaks, timers, WiFi } = radio();
    breaks(true);
    port.act({ kind: "open", ssid: "IEVCC-A1B2", password: "word-word" });
    timers.pass(5_000);
    breaks(false);
    timers.pass(5_000);
    assert.deepEqual([acts, WiFi.mode], [["open IEVCC-A1B2"], 3]);
    port.act({ kind: "close" });
    assert.equal(WiFi.mode, 1);
  });
});

describe("esp32 Ethernet", () => {
  const PINS = { address: 0, power: 12, mdc: 23, mdio: 18, clock: 17 };
  it("tells a link that comes and goes, however often", () => {
    const timers = twinTimers();
    let up = 0;
    const natives = { ...twinNatives(), ievcc_ethernet_start: () => 0, ievcc_ethernet_up: () => up };
    const told: boolean[] = [];
    assert.equal(
      ethernetOf({ natives, Timer: timers.Timer }, PINS, (is) => told.push(is)),
      true,
    );
    timers.pass(1_000);
    up = 1;
    timers.pass(1_000);
    up = 0;
    timers.pass(1_000);
    assert.deepEqual(told, [true, false]);
  });
  it("asks a PHY that does not answer again until it does, without a reboot, and tells its link then", () => {
    const timers = twinTimers();
    let starts = 0;
    const start = (): number => (++starts < 4 ? 261 : 0);
    const natives = {
      ...twinNatives(),
      ievcc_ethernet_start: start,
      ievcc_ethernet_up: () => (starts < 4 ? 0 : 1),
    };
    const told: boolean[] = [];
    assert.equal(
      ethernetOf({ natives, Timer: timers.Timer }, PINS, (is) => told.push(is)),
      false,
    );
    timers.pass(29_000);
    assert.deepEqual([starts, told], [3, []]);
    timers.pass(60_000);
    assert.deepEqual([starts, told], [4, [true]]);
  });
});
