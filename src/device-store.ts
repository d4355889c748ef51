// A device's settings in its flash: what is written when, and what a restart leaves of them.

import { eraseOf } from "./boot-count.js";
import type { Device, DeviceEffect } from "./device-state.js";
import { FLASH_MAP } from "./flash-map.js";
import { eraseAhead, erased, save } from "./settings-store.js";
import type { Millis } from "./units.js";

/** Writes what is not written yet, and erases ahead while that may be done. */
export function tidyStore(device: Device, mayErase: boolean, effects: DeviceEffect[]): Device {
  const layout = { first: FLASH_MAP.settings.first, pageSize: device.pageSize };
  let { store, unsaved } = device;
  const erase = mayErase ? eraseAhead(store, layout) : null;
  if (erase !== null) {
    effects.push(erase);
    store = erased(store);
  }
  const saved = unsaved ? save(store, layout, device.settings) : null;
  if (saved?.ok) {
    effects.push(...saved.ops);
    store = saved.store;
    unsaved = false;
  }
  return store === device.store && unsaved === device.unsaved ? device : { ...device, store, unsaved };
}

/** Restarts a device that was asked to, once that may be done; without its settings, when it is to forget them. */
export function restartWhenDue(device: Device, effects: DeviceEffect[], now: Millis): Device {
  const { restart } = device;
  if (restart === null || now < restart.at) return device;
  if (restart.forgets) {
    // The key of its certificate goes with the secrets among the settings.
    for (const { first, count } of [FLASH_MAP.settings, FLASH_MAP.ownCertificate])
      for (let sector = first; sector < first + count; sector++) effects.push(eraseOf(sector));
  }
  effects.push({ kind: "restart", why: restart.why });
  return { ...device, restart: null };
}
