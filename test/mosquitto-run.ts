// mosquitto as a process of its own, with a folder for its files.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../tools/machine.js";

export interface MosquittoFiles {
  /** Writes a file that nobody else may read, and gives its path. */
  write(name: string, text: string): string;
  /** Lines of the configuration: these users with their passwords, and what they may do. */
  guarded(users: Readonly<Record<string, string>>, rights: string): readonly string[];
  /** The whole configuration. */
  configured(lines: readonly string[]): string;
  remove(): void;
}

export function mosquittoFiles(): MosquittoFiles {
  const folder = mkdtempSync(join(tmpdir(), "ievcc-mosquitto-"));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    write,
    guarded(users, rights) {
      const passwords = Object.entries(users).map(([user, password]) => `${user}:${password}\n`);
      const file = write("passwords", passwords.join(""));
      assert.equal(spawnSync(program("mosquitto_passwd") ?? "", ["-U", file]).status, 0);
      return ["allow_anonymous false", `password_file ${file}`, `acl_file ${write("rights", rights)}`];
    },
    configured: (lines) =>
      write("mosquitto.conf", `${[...lines, ...(process.getuid?.() === 0 ? ["user root"] : [])].join("\n")}\n`),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Resolves when it listens. */
export async function startMosquitto(path: string, configuration: string): Promise<ChildProcess> {
  const broker = spawn(path, ["-v", "-c", configuration], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    broker.once("exit", () => reject(new Error(`mosquitto ended: ${said}`)));
    broker.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (/running/.test(said)) resolve();
    });
  });
  return broker;
}

export async function stopMosquitto(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  broker.removeAllListeners("exit");
  const end = once(broker, "exit");
  broker.kill("SIGKILL");
  await end;
}
