import assert from "node:assert/strict";
import type { TcpEvents } from "../../hal/esp32/classes.js";
import { type NetworkSdk, networkOf, restartOf } from "../../hal/esp32/network.js";
import type { DeviceEvent } from "../../src/device-state.js";
import { startMeter, stepMeter } from "../../src/meter-node.js";
import { millis } from "../../src/units.js";
import { twinNatives } from "./natives.js";
import { TwinTcp, twinKeyValue, twinTimers, twinUdp } from "./twins.js";

function device(ethernet: boolean) {
  const natives = twinNatives();
  const timers = twinTimers();
  const { UDP, sockets } = twinUdp();
  const said: string[] = [];
  const cells = new Uint8Array(6 * 4_096).fill(0xff);
  const radio: string[] = [];
  class WiFi {
    static mode = 0;
    constructor() {
      radio.push("listens");
    }
    static connect(station?: { readonly ssid: string }): void {
      radio.push(station?.ssid ?? "leave");
    }
    static scan(): void {
      radio.push("scan");
    }
    static accessPoint(own: { readonly ssid: string }): void {
      radio.push(own.ssid);
    }
  }
  class TCP extends TwinTcp {
    constructor(options: TcpEvents) {
      super(options);
      this.room = 1_000;
    }
  }
  class Listener {
    read = (): undefined => undefined;
  }
  const sdk: NetworkSdk = {
    TCP,
    UDP,
    Listener,
    WiFi,
    net: { get: () => undefined, resolve: () => undefined },
    Timer: timers.Timer,
    flash: {
      open: () => ({
        read: (count, offset) => cells.slice(offset, offset + count).buffer,
        write: (bytes, offset) => cells.set(new Uint8Array(bytes), offset),
        eraseBlock: (first) => void cells.fill(0xff, first * 4_096, (first + 1) * 4_096),
      }),
    },
    keyValue: twinKeyValue({}),
    natives,
    trace: (text) => void said.push(text.trim()),
  };
  const network = networkOf(sdk, ethernet ? { address: 0, power: 12, mdc: 23, mdio: 18, clock: 17 } : null);
  return { network, natives, timers, sockets, said, radio, cells };
}

describe("esp32 device", () => {
  it("starts its program with what the board has: sectors, noise, address, factory settings", () => {
    const { boot } = device(false).network;
    assert.deepEqual([boot.sectors.length, boot.pageSize, boot.mac, boot.radio], [6, 256, "246f2800a1b2", true]);
    assert.equal(boot.secret.length, 4);
    assert.equal(device(true).network.boot.radio, false);
  });
  it("says why it restarted: in our words, and in the chip's when we had none", () => {
    const natives = twinNatives();
    assert.equal(restartOf(natives), "power");
    natives.ievcc_restart("controller machine silent");
    assert.equal(restartOf(natives), "controller machine silent");
    assert.equal(device(false).network.boot.restarted, "power");
  });
  it("says so when its Ethernet does not answer", () => {
    const { network, said } = device(true);
    network.open(() => undefined);
    assert.ok(said.includes("the board's Ethernet does not answer"));
  });
  it("carries out what a meter's program asks for: access point, flash, console, restart", () => {
    const { network, natives, radio, said, cells, sockets } = device(false);
    let { state, effects } = startMeter(network.boot, millis(0));
    const events: DeviceEvent[] = [];
    network.open((event) => events.push(event));
    const act = (list: typeof effects): void => {
      for (const effect of list) if (effect.kind !== "serial" && effect.kind !== "text") network.act(effect);
    };
    act(effects);
    for (let now = 100; now < 3_000; now += 100) {
      ({ state, effects } = stepMeter(state, { kind: "tick" }, millis(now)));
      act(effects);
    }
    assert.ok(radio.some((word) => word === "IEVCC-A1B2"));
    assert.ok(cells.some((byte) => byte !== 0xff));
    assert.ok(said.some((line) => line.includes("password of the pages")));
    assert.ok(said.includes("restarted: power"));
    sockets[0]?.hear("10.0.0.7", 43_822, [1, 2]);
    assert.equal(events[0]?.kind, "datagram");
    network.act({ kind: "look" });
    assert.deepEqual(events[1], { kind: "memory", free: 123_456 });
    network.act({ kind: "restart", why: "asked by a page" });
    assert.deepEqual(natives.restarts, ["asked by a page"]);
  });
});
