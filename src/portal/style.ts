// How all pages look. One sheet that the browser keeps: its name changes with its text.

import { crc32 } from "../crc32.js";
import { frozen } from "../frozen.js";
import { encodeText } from "../text.js";

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

export const STYLE = `:root{color-scheme:light dark;${variables(PALETTES.light)}}
@media(prefers-color-scheme:dark){:root{${variables(PALETTES.dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:40rem;padding:0 1rem 2rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:0 clamp(.5rem,4vw,1.5rem);padding:.25rem 0}
a{color:var(--accent)}nav a,.steps a,p>a:only-child{display:inline-block;min-width:2.75rem;min-height:2.75rem;padding:.625rem 0}nav a{white-space:nowrap}nav a[aria-current]{font-weight:700;color:var(--text)}
h1{font-size:1.4rem;margin:.5rem 0}h1 small{font-weight:400;color:var(--quiet)}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
dl,form,.card,details{background:var(--card);border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0}
dl{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:.25rem 1rem}dt,.hint{color:var(--quiet)}dd{margin:0}
details dl{padding:0}summary{min-height:2.75rem;line-height:2.75rem;margin:-.75rem 0;font-weight:600}details[open] summary{margin-bottom:0}
.card p{margin:0 0 .25rem}.big{font-size:1.6rem;font-weight:700;line-height:1.25}.hint{margin:.25rem 0 0;font-size:.9rem}
.error{color:var(--error);margin:.25rem 0 0}.warn{border-left:.4rem solid var(--error)}
label,legend{display:block;margin-top:1rem;font-weight:600;padding:0}
form>:first-child,form>[type=hidden]+*,.modes legend,.pick legend{margin-top:0}
.check,.pick label{display:flex;align-items:center;gap:.6rem;min-height:2.75rem;margin:0;font-weight:400}
input,select,textarea{width:100%;min-height:2.75rem;padding:.4rem .6rem;font:inherit;color:var(--text);background:var(--back);border:1px solid var(--quiet);border-radius:.4rem}
[type=checkbox],[type=radio]{flex:none;width:1.4rem;height:1.4rem;min-height:0;margin:0;accent-color:var(--accent)}
[type=range]{padding:0;border:0;background:none;accent-color:var(--accent)}
textarea{resize:vertical;vertical-align:top}.code{font-family:ui-monospace,monospace;font-size:.9rem}[aria-invalid]{border:2px solid var(--error)}
fieldset{border:0;margin:0;padding:0;min-width:0}.boxed{border:1px solid var(--quiet);border-radius:.4rem;margin:1rem 0 0;padding:0 .75rem .75rem}
.modes div{display:grid;grid-template-columns:4fr 3fr 3fr;gap:.4rem}.modes label{position:relative;display:grid;place-items:center;min-height:3rem;margin:.25rem 0 0;padding:.1rem;font-size:.9rem;overflow-wrap:normal;border:1px solid var(--quiet);border-radius:.4rem;text-align:center}
.modes input{position:absolute;inset:0;width:100%;height:100%;opacity:0}.modes label:has(:checked){background:var(--accent);color:var(--onAccent);border-color:var(--accent)}.modes label:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}
.days div{display:grid;grid-template-columns:repeat(4,1fr)}.days label{display:flex;align-items:center;gap:.4rem;min-height:2.75rem;margin:0;font-weight:400}
.row{display:grid;grid-template-columns:5fr 6fr 4fr;align-items:end;gap:.5rem}.row label{font-size:.875rem}.row>div>*{padding-inline:.3rem}
.list{list-style:none;margin:.75rem 0;padding:0}.list a{display:block;min-height:2.75rem;padding:.6rem 1rem;margin:.4rem 0;background:var(--card);border-radius:.5rem;font-weight:600}.list small{display:block;font-weight:400;color:var(--quiet)}
.log{padding:0;margin:.75rem 0;list-style:none}.log li{padding:.3rem 0;border-bottom:1px solid var(--card)}.log b{font-weight:400;color:var(--quiet)}
.sums{overflow-wrap:normal}.sums td:nth-child(2){overflow-wrap:anywhere}.num{text-align:right;white-space:nowrap}.sums .num{padding:.3rem 0 .3rem .5rem}td small{color:var(--quiet);white-space:normal}tfoot td,tfoot th{border-bottom:0}
table{width:100%;border-collapse:collapse;font-size:.9rem}td,th{text-align:left;vertical-align:top;padding:.3rem .5rem .3rem 0;border-bottom:1px solid var(--back)}
.secret{font:700 1.25rem/1.6 ui-monospace,monospace;letter-spacing:.05em}
button,.button{display:block;margin-top:1.25rem;padding:.6rem;min-height:2.75rem;width:100%;font:inherit;font-weight:700;text-align:center;text-decoration:none;color:var(--onAccent);background:var(--accent);border:1px solid var(--accent);border-radius:.4rem}
.second{margin-top:.75rem;color:var(--accent);background:none}.bad{background:var(--error);border-color:var(--error);color:var(--card)}
.steps{display:flex;align-items:center;justify-content:space-between;gap:1rem}.steps a{text-align:right}
svg{display:block;width:100%;height:auto}svg text{font-size:11px;fill:var(--quiet)}polyline{fill:none;stroke-width:2}.g{stroke:var(--quiet);stroke-width:.5;opacity:.5}.h{stroke:var(--quiet)}.c{stroke:var(--accent)}.l{stroke:var(--error);stroke-dasharray:5 3}
.key{display:flex;gap:1rem;margin:0;padding:0;list-style:none;font-size:.9rem}.key svg{display:inline-block;width:1.5rem;height:.6rem}`;

export const STYLE_PATH = "/style.css";
/** As pages name it: a new sheet has a new name, so that the old one may be kept for ever. */
export const STYLE_LINK = `${STYLE_PATH}?v=${crc32(encodeText(STYLE)).toString(36)}`;
