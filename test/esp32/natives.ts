// A twin of hal/esp32/native for JavaScript; its C is built and tried in native.test.ts.

import type { Natives } from "../../hal/esp32/classes.js";

export function twinNatives(): Natives & { readonly restarts: string[]; readonly calls: string[] } {
  const restarts: string[] = [];
  const calls: string[] = [];
  return {
    restarts,
    calls,
    ievcc_watchdog_leave: () => void calls.push("leave"),
    ievcc_watchdog_join: () => void calls.push("join"),
    ievcc_watchdog_feed: () => void calls.push("feed"),
    ievcc_reset_reason: () => "power",
    ievcc_reset_words: () => restarts.at(-1) ?? "",
    ievcc_restart: (why) => void restarts.push(why),
    ievcc_random: () => 0x5eed,
    ievcc_free_memory: () => 123_456,
    ievcc_mac: (bytes) => new Uint8Array(bytes).set([0x24, 0x6f, 0x28, 0, 0xa1, 0xb2]),
    ievcc_ethernet_start: () => -1,
    ievcc_ethernet_up: () => 0,
  };
}
