// Where things lie in the flash of our boards, by the one table that all of them have.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS_FOLDER } from "./build.js";

export interface Partition {
  readonly name: string;
  readonly type: string;
  readonly subtype: string;
  readonly offset: number;
  readonly size: number;
}

/** The rows of hal/esp32/boards/partitions.csv, in their order. */
export const partitions = (): readonly Partition[] =>
  readFileSync(join(BOARDS_FOLDER, "partitions.csv"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", type = "", subtype = "", offset, size] = line.split(",").map((word) => word.trim());
      return { name, type, subtype, offset: Number(offset), size: Number(size) };
    });

/** Throws when the table has no such row. */
export function partitionOf(name: string): Partition {
  const found = partitions().find((one) => one.name === name);
  if (found === undefined) throw new Error(`partitions.csv has no ${name}`);
  return found;
}
