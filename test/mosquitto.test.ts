import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { connect, type Socket } from "node:net";
import { type SessionConfig, type SessionEffect, type SessionEvent, start, step } from "../src/mqtt-session.js";
import { encodeText } from "../src/text.js";
import { millis } from "../src/units.js";
import { mosquitto } from "../tools/machine.js";
import { freePorts } from "./live-start.js";
import { mosquittoFiles, startMosquitto, stopMosquitto } from "./mosquitto-run.js";

const HOST = "127.0.0.1";

/** A session over a real socket; time is this machine's, in tenths of a second. */
function live(config: SessionConfig) {
  let state = start(config, 1);
  let socket: Socket | null = null;
  let now = 0;
  const happened: SessionEffect[] = [];
  const act = (event: SessionEvent): void => {
    const stepped = step(state, event, millis(now));
    state = stepped.state;
    for (const effect of stepped.effects) {
      happened.push(effect);
      if (effect.kind === "send") socket?.write(effect.bytes);
      if (effect.kind === "close") socket?.destroy();
      if (effect.kind === "connect") opens(effect.id, effect.port);
    }
  };
  function opens(id: number, port: number): void {
    socket = connect(port, HOST);
    socket.on("connect", () => act({ kind: "opened", id }));
    socket.on("data", (bytes) => act({ kind: "bytes", id, bytes: Uint8Array.from(bytes) }));
    socket.on("error", () => undefined);
    socket.on("close", () => act({ kind: "closed", id }));
  }
  const ticks = setInterval(() => {
    now += 100;
    act({ kind: "tick" });
  }, 100);
  act({ kind: "link", up: true });
  return {
    act,
    happened,
    state: () => state,
    /** Resolves with the first such effect. */
    async sees(isIt: (effect: SessionEffect) => boolean): Promise<SessionEffect> {
      for (let turn = 0; turn < 200; turn++) {
        const found = happened.find(isIt);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return assert.fail(`not among ${happened.map(({ kind }) => kind).join(" ")}`);
    },
    end(): void {
      clearInterval(ticks);
      act({ kind: "stop" });
      socket?.destroy();
    },
  };
}

const mosquittoPath = mosquitto();
if (mosquittoPath !== null) {
  describe("a session with mosquitto that has passwords and rights", function () {
    this.timeout(30_000);
    const files = mosquittoFiles();
    let port = 0;
    let broker: ChildProcess;
    const config = (password: string): SessionConfig => ({
      clientId: "c1",
      host: HOST,
      port,
      user: "c1",
      password,
      keepAliveS: 30,
      connectLimit: millis(10_000),
      will: { topic: "site/c1/availability", payload: "offline", retain: true },
      subscriptions: ["site/c1/#", "other/#"],
    });
    before(async () => {
      port = await freePorts(1);
      const guarded = files.guarded({ c1: "sol-e-chuva" }, "user c1\ntopic readwrite site/c1/#\n");
      broker = await startMosquitto(mosquittoPath, files.configured([`listener ${port} ${HOST}`, ...guarded]));
    });
    after(async () => {
      await stopMosquitto(broker);
      files.remove();
    });

    it("says that the password is wrong, and does not hammer", async () => {
      const one = live(config("wrong"));
      await one.sees((effect) => effect.kind === "log" && /user or password|does not authorise/.test(effect.text));
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      one.end();
      assert.ok(one.state().id <= 3);
    });

    it("lives on beside topics that it has no right to, and what it may say and hear arrives", async () => {
      const one = live(config("sol-e-chuva"));
      await one.sees((effect) => effect.kind === "online");
      one.act({ kind: "publish", topic: "other/c9/result", payload: "forbidden", qos: 1, retain: false });
      one.act({ kind: "publish", topic: "site/c1/result", payload: "allowed", qos: 1, retain: false });
      // mosquitto acknowledges what it drops: an acknowledgement proves no right, what comes back does.
      const came = await one.sees((effect) => effect.kind === "message");
      await one.sees((effect) => effect.kind === "delivered" && effect.topic === "site/c1/result");
      one.end();
      assert.ok(came.kind === "message" && came.topic === "site/c1/result");
      assert.deepEqual(came.payload, encodeText("allowed"));
      assert.equal(one.state().id, 1);
      assert.deepEqual(one.state().mutes.muted, []);
    });
  });
}
