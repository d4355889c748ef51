import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { twinNatives } from "./natives.js";

const hasCompiler = spawnSync("cc", ["--version"]).status === 0;

describe("esp32 native code", () => {
  it("is declared in the manifest with every function that JavaScript calls, and no other", () => {
    const { ffi } = JSON.parse(readFileSync("manifest.json", "utf8"));
    const { restarts: _restarts, calls: _calls, ...natives } = twinNatives();
    assert.deepEqual(Object.keys(ffi.functions).sort(), Object.keys(natives).sort());
    const code = ffi.sources.map((source: string) => readFileSync(source, "utf8")).join();
    for (const name of Object.keys(natives)) assert.ok(code.includes(` ${name}(`) || code.includes(`*${name}(`), name);
  });
  if (!hasCompiler) return;
  it("joins the watchdog once, feeds only then, and keeps the reason of a restart, not that of a power cut", () => {
    const folder = mkdtempSync(join(tmpdir(), "ievcc-native-"));
    try {
      const program = join(folder, "host");
      const flags = ["-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-I", "test/esp32/native"];
      execFileSync("cc", [...flags, "-o", program, "test/esp32/native/host.c"]);
      const said = execFileSync(program, { encoding: "utf8" }).trim().split("\n");
      assert.deepEqual(said, [
        "[]",
        "delete 1",
        "add evse",
        "add evse",
        "fed 1",
        "restart",
        "[controller machine silent]",
        "[]",
        "restart",
        "94",
        "other power restart panic watchdog watchdog watchdog brownout 24b2 4294967295 123456",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
