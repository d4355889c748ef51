// The frame of every page: head, colours, navigation. One string, no script, nothing loaded from elsewhere.

import { frozen } from "../frozen.js";
import { escapeHtml } from "./form.js";
import type { PortalModel } from "./model.js";

export interface Palette {
  readonly text: string;
  readonly quiet: string;
  readonly back: string;
  readonly card: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly error: string;
}

/** Each text colour on each of its backgrounds reaches 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const PALETTES: { readonly light: Palette; readonly dark: Palette } = frozen({
  light: {
    text: "#1b1b1f",
    quiet: "#55565c",
    back: "#f6f6f9",
    card: "#ffffff",
    accent: "#0b57d0",
    onAccent: "#ffffff",
    error: "#b3261e",
  },
  dark: {
    text: "#e6e6ea",
    quiet: "#b0b1b8",
    back: "#121316",
    card: "#1e1f24",
    accent: "#8ab4f8",
    onAccent: "#06224d",
    error: "#f2b8b5",
  },
});

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");

const STYLE = `:root{color-scheme:light dark;${variables(PALETTES.light)}}
@media(prefers-color-scheme:dark){:root{${variables(PALETTES.dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:40rem;padding:0 1rem 2rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
nav{display:flex;flex-wrap:wrap;gap:0 clamp(.5rem,2.2vw,1rem);padding:.5rem 0}
a{color:var(--accent)}nav a{padding:.6rem 0;font-size:clamp(.8125rem,3.8vw,1rem)}nav a[aria-current]{font-weight:700;color:var(--text)}
h1{font-size:1.4rem;margin:.5rem 0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
dl,form,.card{background:var(--card);border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.25rem 1rem}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
.card p{margin:0}.big{font-size:2.5rem;font-weight:700;line-height:1.2}.hint{color:var(--quiet);margin:.25rem 0 0;font-size:.9rem}
.error{color:var(--error);margin:.25rem 0 0}.warn{border-left:.4rem solid var(--error)}
label{display:block;margin-top:1rem;font-weight:600}
.check{display:flex;align-items:center;gap:.5rem;min-height:2.75rem;margin:0;font-weight:400}.check input{width:1.25rem;min-height:1.25rem}
input,select,textarea{width:100%;min-height:2.75rem;padding:.4rem .6rem;font:inherit;color:var(--text);background:var(--back);border:1px solid var(--quiet);border-radius:.4rem}
textarea{resize:vertical;vertical-align:top}[aria-invalid]{border:2px solid var(--error)}
fieldset{border:1px solid var(--quiet);border-radius:.4rem;margin:1rem 0 0;padding:0 .75rem .75rem}.row{display:grid;grid-template-columns:5fr 6fr 4fr;align-items:end;gap:.5rem}.row label{font-size:.875rem}.row>div>*{padding-inline:.3rem}.row label{padding:0}
button{margin-top:1.25rem;min-height:2.75rem;width:100%;font:inherit;font-weight:700;color:var(--onAccent);background:var(--accent);border:0;border-radius:.4rem}`;

export interface Page {
  readonly path: string;
  readonly title: string;
}

const STATUS: Page = frozen({ path: "/", title: "Status" });
const MODE: Page = frozen({ path: "/mode", title: "Mode" });
const HOME: Page = frozen({ path: "/home", title: "Home" });
const ACCESS: Page = frozen({ path: "/access", title: "Access" });
const NETWORK: Page = frozen({ path: "/network", title: "Network" });
const MQTT: Page = frozen({ path: "/mqtt", title: "MQTT" });

const PAGES: Readonly<Record<PortalModel["device"], readonly Page[]>> = frozen({
  charger: [STATUS, MODE, HOME, ACCESS, NETWORK, MQTT],
  meter: [STATUS, HOME, NETWORK, MQTT],
});

/** The pages of a device, in the order of the navigation. */
export const pagesOf = (device: PortalModel["device"]): readonly Page[] => PAGES[device];

/** A whole page around a body that is HTML already. `refreshS`: seconds after which it loads itself again. */
export function layout(model: PortalModel, page: Page, body: string, refreshS: number | null = null): string {
  const name = escapeHtml(model.settings.id);
  const links = pagesOf(model.device)
    .map(({ path, title }) => `<a href="${path}"${path === page.path ? ' aria-current="page"' : ""}>${title}</a>`)
    .join("");
  const refresh = refreshS === null ? "" : `<meta http-equiv="refresh" content="${refreshS}">`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${page.title} - ${name}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><nav aria-label="Pages">${links}</nav><main><h1>${page.title} <small>${name}</small></h1>${body}</main></body></html>`;
}
