// What a phone is told that has joined the device's own access point and asks whether there is Internet behind it: at first
// that there is a page to see, so that its sign-in sheet opens, and once set-up is done what lets the sheet close.

import { frozen } from "../frozen.js";
import type { Request, Response } from "./http.js";
import type { PortalModel } from "./model.js";
import { isOurHost } from "./portal.js";

/** Where the device is on its own access point. */
export const ACCESS_POINT_ADDRESS = frozen([192, 168, 4, 1] as const);
const PORTAL = `http://${ACCESS_POINT_ADDRESS.join(".")}/`;

interface Probe {
  readonly path: string;
  readonly status: 200 | 204;
  readonly type: string;
  readonly body: string;
}

const HTML = "text/html; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";
const APPLE = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
const FIREFOX = '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>';

/** What each system asks, and the answer by which it believes that nothing stands between it and the Internet. */
const PROBES: readonly Probe[] = frozen([
  // Android, Chrome OS, Chromium.
  { path: "/generate_204", status: 204, type: TEXT, body: "" },
  { path: "/gen_204", status: 204, type: TEXT, body: "" },
  // iOS, macOS.
  { path: "/hotspot-detect.html", status: 200, type: HTML, body: APPLE },
  { path: "/library/test/success.html", status: 200, type: HTML, body: APPLE },
  // Windows 10 and 11, and before.
  { path: "/connecttest.txt", status: 200, type: TEXT, body: "Microsoft Connect Test" },
  { path: "/ncsi.txt", status: 200, type: TEXT, body: "Microsoft NCSI" },
  // Firefox.
  { path: "/success.txt", status: 200, type: TEXT, body: "success\n" },
  { path: "/canonical.html", status: 200, type: HTML, body: FIREFOX },
  // NetworkManager.
  { path: "/check_network_status.txt", status: 200, type: TEXT, body: "NetworkManager is online\n" },
]);

/** RFC 8908, 4; the address of it comes by DHCP (RFC 8910) or not at all. */
const API = "/captive-portal/api";

/** The answer to a request that is not meant for the device's pages: one for a stranger's name, or a system's question.
 *  null: the pages answer. */
export function captiveAnswer(request: Request, { radio, settings }: PortalModel): Response | null {
  const isOurs = isOurHost(request.host);
  // A stranger's name may be one that was made to lead here (DNS rebinding).
  if (radio?.accessPoint !== true) return isOurs ? null : refused("This name is not one of this device.");
  if (request.path === API) return api(!settings.setUp);
  const probe = PROBES.find((one) => one.path === request.path);
  if (isOurs && probe === undefined) return null;
  return settings.setUp && probe !== undefined ? { ...probe, headers: [] } : toPortal();
}

export const refused = (why: string): Response => ({ status: 403, type: TEXT, headers: [], body: why });

const api = (captive: boolean): Response => ({
  status: 200,
  type: "application/captive+json",
  headers: [["Cache-Control", "private"]],
  body: JSON.stringify({ captive, "user-portal-url": PORTAL }),
});

const toPortal = (): Response => ({
  status: 302,
  type: HTML,
  headers: [["Location", PORTAL]],
  body: `<a href="${PORTAL}">IEVCC</a>`,
});
