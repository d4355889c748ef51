// A running XS host (host.c): requests over two FIFOs, each answered before the next, so that a simulation stays in step.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Module } from "./modules.js";
import { Reader, Writer } from "./wire.js";

/** Memory of one machine, as the manifest's "creation" has it. */
export interface Creation {
  /** Bytes. */
  readonly chunk: number;
  /** Slots of 16 bytes on the device. */
  readonly heap: number;
  readonly stack: number;
  /** Names that may be made at run time. */
  readonly keys: number;
}

export interface Memory {
  /** Live after a collection, and the most ever since the start. */
  readonly slots: number;
  readonly slotsPeak: number;
  readonly chunks: number;
  readonly chunksPeak: number;
  readonly stackPeak: number;
  readonly keys: number;
  readonly aliases: number;
  readonly collections: number;
  /** How long the collection took here, us. */
  readonly collectedUs: number;
}

/** The program threw: a bug of its own, with the stack in its text. The machine is still there. */
export class MachineThrew extends Error {}
/** The machine is lost, as the device would restart: memory full, stack overflow, no more keys, turn too long, ... */
export class MachineDied extends Error {}

export interface Called {
  readonly value: unknown;
  readonly computrons: number;
}

export interface XsHost {
  /** Adds a module and runs it in the ROM; before the first machine. */
  preload(modules: readonly Module[]): void;
  /** Adds a module that is only loaded when something imports it. */
  add(module: Module): void;
  /** Bytes that flash keeps of a module once it is preloaded: of its functions, and of the strings of its tables. */
  measure(path: string): { readonly functions: number; readonly strings: number };
  open(creation: Creation): number;
  call(machine: number, nowMs: number, module: string, name: string, args: readonly unknown[]): Called;
  memory(machine: number): Memory;
  end(machine: number): void;
  close(): void;
}

/** A turn longer than this is one that never ends: the device's watchdog would bite. Computrons. */
export const TURN_LIMIT = 50_000_000;

function pipes(): { readonly toHost: number; readonly fromHost: number; readonly ends: readonly [number, number] } {
  const folder = mkdtempSync(join(tmpdir(), "ievcc-xs-"));
  const names = [join(folder, "to"), join(folder, "from")] as const;
  execFileSync("mkfifo", [...names]);
  // Opened for both ways first, so that the one-way ends open without waiting; the child gets one-way ends only, or it
  // would never see that this process has died.
  const held = names.map((name) => openSync(name, constants.O_RDWR));
  const ends = [openSync(names[0], "r"), openSync(names[1], "w")] as const;
  const toHost = openSync(names[0], "w");
  const fromHost = openSync(names[1], "r");
  for (const one of held) closeSync(one);
  rmSync(folder, { recursive: true });
  return { toHost, fromHost, ends };
}

/** Two processes that only ever wait for each other are four times faster on one core; without taskset just slower. */
function stayOn(core: number, ...pids: readonly (number | undefined)[]): void {
  for (const pid of pids) {
    if (pid !== undefined) spawnSync("taskset", ["-cp", String(core), String(pid)], { stdio: "ignore" });
  }
}

export interface HostLimits {
  /** Computrons. */
  readonly turnLimit?: number;
  /** Both processes stay on this core: for one that does little else than talk to the host. */
  readonly core?: number;
}

/** Starts the program at `path`, which tools/xs/build.ts has made. */
export function startHost(path: string, { turnLimit, core }: HostLimits = {}): XsHost {
  const { toHost, fromHost, ends } = pipes();
  const child = spawn(path, [], { stdio: ["ignore", "inherit", "inherit", ...ends] });
  child.unref();
  if (core !== undefined) stayOn(core, process.pid, child.pid);
  for (const end of ends) closeSync(end);
  const writer = new Writer();
  const lengthBytes = Buffer.alloc(4);
  let places = 0;
  const free: number[] = [];

  function read(bytes: Buffer): void {
    for (let got = 0; got < bytes.length; ) {
      const count = readSync(fromHost, bytes, got, bytes.length - got, null);
      if (count === 0) throw new Error("the XS host has ended");
      got += count;
    }
  }

  function ask(): Reader {
    const request = writer.framed();
    for (let sent = 0; sent < request.length; ) sent += writeSync(toHost, request, sent);
    read(lengthBytes);
    const answer = Buffer.allocUnsafe(lengthBytes.readUInt32LE(0));
    read(answer);
    const reader = new Reader(answer);
    const tag = String.fromCharCode(reader.byte());
    if (tag === "!") throw new MachineThrew(reader.rest());
    if (tag === "X") throw new MachineDied(reader.rest());
    return reader;
  }

  const request = (tag: string): Writer => writer.begin().byte(tag.charCodeAt(0));

  function add({ path: name, code }: Module): void {
    request("S").text(name).raw(Buffer.from(code));
    ask();
  }

  return {
    add,
    preload(modules) {
      for (const module of modules) add(module);
      for (const module of modules) {
        request("P").text(module.path);
        ask();
      }
    },
    measure(name) {
      request("B").text(name);
      const reader = ask();
      return { functions: reader.u32(), strings: reader.u32() };
    },
    open({ chunk, heap, stack, keys }) {
      const machine = free.pop() ?? places++;
      free.push(machine); // unless it opens
      request("O").u32(machine).u32(chunk).u32(heap).u32(stack).u32(keys);
      ask();
      free.pop();
      return machine;
    },
    call(machine, nowMs, module, name, args) {
      request("C")
        .u32(machine)
        .f64(nowMs)
        .u32(turnLimit ?? TURN_LIMIT)
        .text(module)
        .text(name)
        .u32(args.length);
      for (const one of args) writer.value(one);
      const reader = ask();
      const computrons = reader.u32();
      return { computrons, value: reader.value() };
    },
    memory(machine) {
      request("M").u32(machine);
      const reader = ask();
      const [slots, slotsPeak, chunks, chunksPeak] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
      const [stackPeak, keys, aliases, collections] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
      const collectedUs = reader.f64();
      return { slots, slotsPeak, chunks, chunksPeak, stackPeak, keys, aliases, collections, collectedUs };
    },
    end(machine) {
      request("Q").u32(machine);
      ask();
      free.push(machine);
    },
    close() {
      closeSync(toHost);
      closeSync(fromHost);
    },
  };
}
