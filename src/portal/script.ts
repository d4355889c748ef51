// What a browser with JavaScript does beside: keeps the daily page fresh, ties the slider to its number, tells the time.
// Every page works without it.

import { crc32 } from "../crc32.js";
import { encodeText } from "../text.js";

export const SCRIPT = `"use strict";
(() => {
const at = (id) => document.getElementById(id);
const amps = at("manualA"), slide = at("slide");
if (amps && slide) {
slide.addEventListener("input", () => { amps.value = slide.value; });
amps.addEventListener("input", () => { slide.value = amps.value.replace(",", "."); });
}
 let looks = 0;
const later = () => setTimeout (look, 3000);
async function look() {
if (!document.hidden) try {
const reply = await fetch("/?live=" + (++looks % 40 ? "1" : "all"));
if (reply.redirected) return location.reload();
const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
for (const one of reply.ok ? fresh.querySelectorAll("[data-live]") : []) {
const old = at(one.id);
if (old && old.innerHTML !== one.innerHTML) old.innerHTML = one.innerHTML;
}
} catch {}
later();
}
if (document.querySelector("[data-live]")) later();
const token = document.body.dataset.clock, now = new Date;
if (token) fetch("/clock", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body:
"csrf=" + token + "&unix=" + Math.floor(now / 1000) + "&offset=" + -now.getTimezoneOffset() }).catch(() => {});
})();
`;

export const SCRIPT_PATH = "/app.js";
export const SCRIPT_LINK = `${SCRIPT_PATH}?v=${crc32(encodeText(SCRIPT)).toString(36)}`;
