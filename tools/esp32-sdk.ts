// The Moddable SDK and the ESP-IDF on this machine: where they are, or what is missing and how to get it.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { BOARDS_FOLDER } from "./build.js";
import { ROOT } from "./xs/modules.js";

/** The SDK asks git for this tag of whatever $IDF_PATH names. */
export const IDF_TAG = "v6.0";

export type Tools =
  | { readonly ok: true; readonly bin: string }
  | { readonly ok: false; readonly why: readonly string[] };

/** The SDK's tools, built for this machine. */
export function sdkTools(sdk: string | undefined): Tools {
  if (sdk === undefined || sdk === "") {
    return {
      ok: false,
      why: [
        "$MODDABLE is not set: it names the folder of the Moddable SDK, built for this machine.",
        "  To get it: npm install --global xs-dev && xs-dev setup, then open a new terminal.",
      ],
    };
  }
  const places = ["lin", "mac"].map((system) => join(sdk, "build", "bin", system, "release"));
  const bin = places.find((place) => existsSync(join(place, "mcconfig")));
  if (bin !== undefined) return { ok: true, bin };
  return {
    ok: false,
    why: [`${sdk}: no mcconfig in build/bin. Build the SDK's tools: xs-dev setup (or make in build/makefiles).`],
  };
}

/** What is missing of the ESP-IDF, line by line; nothing when it can be used. */
export function missingOfIdf(environment: NodeJS.ProcessEnv): readonly string[] {
  const get = "  To get it: xs-dev setup --device esp32, then open a new terminal (or: . $IDF_PATH/export.sh).";
  const { IDF_PATH: idf } = environment;
  if (idf === undefined || idf === "") return [`$IDF_PATH is not set: it names the folder of ESP-IDF ${IDF_TAG}.`, get];
  if (!existsSync(join(idf, "tools", "idf.py")))
    return [`${idf}: this is no ESP-IDF (tools/idf.py is not there).`, get];
  const { stdout } = spawnSync("git", ["describe", "--always", "--tags"], { cwd: idf, encoding: "utf8" });
  const tag = (stdout ?? "").trim();
  const wrong =
    tag === IDF_TAG ? [] : [`${idf} is ${tag === "" ? "of no known version" : tag}; the SDK needs ${IDF_TAG}.`];
  const path = (environment.PATH ?? "").split(":").some((folder) => existsSync(join(folder, "idf.py")));
  const left = path ? [] : ["idf.py is not in $PATH: . $IDF_PATH/export.sh"];
  return [...wrong, ...left];
}

/** An empty git folder that answers for the ESP-IDF, which linking byte code does not need. */
export function standInForIdf(folder: string): void {
  mkdirSync(folder);
  const as = ["-c", "user.name=ievcc", "-c", "user.email=ievcc@localhost"];
  for (const args of [
    ["init", "-q"],
    [...as, "commit", "-q", "--allow-empty", "-m", IDF_TAG],
    ["tag", IDF_TAG],
  ]) {
    execFileSync("git", args, { cwd: folder });
  }
}

/** What mcconfig needs in its surroundings; the boards' manifests name their files from $IEVCC on. */
export const surroundings = (bin: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  IEVCC: ROOT,
  ...more,
});

export const platformOf = (board: string): string => `esp32:${join(BOARDS_FOLDER, board)}`;
