import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SECTOR_SIZE, SECTORS } from "../../src/flash-map.js";
import { APPS, BOARDS_FOLDER, boards, build, modulesOf } from "../../tools/build.js";
import { factoryCommand, factoryRefusal, flash, wantedIn } from "../../tools/flash.js";
import { byteCodeOf, flashSlotsOf } from "../../tools/linked.js";
import { partitionOf, partitions } from "../../tools/partitions.js";
import { lostSettings } from "../../tools/sdkconfig.js";

describe("flash", () => {
  it("knows its boards and apps, and names them to whoever does not", () => {
    assert.deepEqual(boards(), ["esp32-c3", "esp32-devkitc", "esp32-poe", "minimal"]);
    assert.deepEqual(wantedIn(["--board", "minimal", "--app", "meter", "--port", "/dev/x"]), {
      board: "minimal",
      app: "meter",
      port: "/dev/x",
      factory: null,
    });
    for (const args of [[], ["--board", "minimal"], ["--board", "x", "--app", "meter"], ["--app", "y"], ["--what"]]) {
      const said: string[] = [];
      assert.equal(
        flash(args, {}, (line) => said.push(line)),
        2,
      );
      assert.match(said.join("\n"), /esp32-poe/);
    }
  });
  it("says what is missing and how to get it, and builds nothing", () => {
    const said: string[] = [];
    const args = ["--board", "esp32-poe", "--app", "charger"];
    assert.equal(
      flash(args, { PATH: "" }, (line) => said.push(line)),
      2,
    );
    assert.match(said.join("\n"), /MODDABLE.*xs-dev setup.*IDF_PATH.*xs-dev setup --device esp32/s);
    const wrong: string[] = [];
    assert.equal(
      flash(args, { PATH: "", MODDABLE: "/nowhere", IDF_PATH: "/nowhere" }, (line) => wrong.push(line)),
      2,
    );
    assert.match(wrong.join("\n"), /no mcconfig.*no ESP-IDF/s);
  });
  it("puts the factory's settings where the partition table has the NVS", () => {
    assert.deepEqual(factoryCommand("x.nvs.bin", "/dev/x"), [
      "esptool.py",
      "--port",
      "/dev/x",
      "write_flash",
      "0x9000",
      "x.nvs.bin",
    ]);
    assert.equal(partitionOf("nvs").size, 4 * 4_096);
    assert.throws(() => partitionOf("nowhere"), /nowhere/);
  });
  it("takes nothing else for the factory's settings", () => {
    const folder = mkdtempSync(join(tmpdir(), "ievcc-flash-"));
    try {
      const file = join(folder, "a.nvs.bin");
      assert.match(factoryRefusal(file) ?? "", /there is no/);
      writeFileSync(file, "{}");
      assert.match(factoryRefusal(file) ?? "", /2 bytes/);
      writeFileSync(file, new Uint8Array(4 * 4_096));
      assert.equal(factoryRefusal(file), null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("partitions and settings of the boards", () => {
  it("fit 4 MB one behind the other, with two places for the program", () => {
    let end = 0x9000;
    for (const { name, type, offset, size } of partitions()) {
      assert.equal(offset, end, name);
      if (type === "app") assert.equal(offset % 0x10000, 0, name);
      end += size;
    }
    assert.ok(end <= 4 * 2 ** 20);
    assert.equal(partitions().filter(({ type }) => type === "app").length, 2);
    assert.equal(partitionOf("ievcc").size, SECTORS * SECTOR_SIZE);
  });
  it("turn the watchdog on with a restart, and the boot loader's look at the image", () => {
    for (const board of boards()) {
      const text = readFileSync(`${BOARDS_FOLDER}/${board}/sdkconfig.defaults`, "utf8");
      const on = "CONFIG_ESP_TASK_WDT_EN=y\nCONFIG_ESP_TASK_WDT_PANIC=y\nCONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=n";
      assert.deepEqual(lostSettings(on, text), [], board);
    }
  });
  it("are missed when the SDK does not pass them on", () => {
    assert.deepEqual(lostSettings("CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=3", "CONFIG_A=y\nCONFIG_C=3"), []);
    assert.deepEqual(lostSettings("CONFIG_A=y\nCONFIG_B=n", "# CONFIG_A is not set\nCONFIG_B=y"), [
      "CONFIG_A=y",
      "CONFIG_B=n",
    ]);
  });
});

describe("the apps", () => {
  it("have their own programs and drivers, and the meter nothing of a charger's", () => {
    build();
    const [charger, meter] = APPS.map(modulesOf);
    for (const name of ["hal/esp32/main-charger", "hal/esp32/evse-worker", "src/evse"]) {
      assert.ok(charger?.includes(name) && !meter?.includes(name), name);
    }
    for (const name of ["hal/esp32/main-meter", "hal/esp32/oled"]) {
      assert.ok(meter?.includes(name) && !charger?.includes(name), name);
    }
    assert.ok(meter?.includes("src/meter-node") && meter.includes("mqtt-packet"));
  });
  it("have their byte code counted: of preloaded functions and of what is left to run", () => {
    const source = String.raw`#define mxHeapCount 12
{ NULL, {.ID = XS_NO_ID, .flag = 0x8b, .kind = XS_CODE_X_KIND}, .value = { .code = { (txByte*)"\x0c\x02\x9e", NULL } } },
{ NULL, {.ID = XS_NO_ID, .flag = 0x8b, .kind = XS_CODE_X_KIND}, .value = { .code = { (txByte*)(gxNoCode), NULL } } },
{ NULL, NULL, 0, (txS1*)gxCode1, 429, NULL, 0, "package", { XS_MAJOR_VERSION } },`;
    assert.deepEqual([byteCodeOf(source), flashSlotsOf(source)], [432, 12]);
  });
});
