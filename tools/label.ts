// The label of a device, for print: how to join its access point by camera or by hand, and the first password of its pages.

import encodeQR from "qr";

export interface LabelText {
  readonly ssid: string;
  readonly accessPointPassword: string;
  readonly portalPassword: string;
  /** 12 hex digits. */
  readonly mac: string;
}

/** What phones read as "join this network": the form that ZXing has made common. */
export function wifiCode(ssid: string, password: string): string {
  const escaped = (text: string): string => text.replace(/[\\;,:"]/g, "\\$&");
  return `WIFI:T:WPA;S:${escaped(ssid)};P:${escaped(password)};;`;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The code as SVG paths, black on white with the four modules of quiet around it. */
export const qrSvg = (text: string): string => encodeQR(text, "svg", { ecc: "medium", border: 4 });

const STYLE = `@page{size:62mm 29mm;margin:0}
body{margin:0;width:62mm;height:29mm;display:flex;align-items:center;font:2.6mm/1.4 sans-serif;color:#000;background:#fff}
svg{width:27mm;height:27mm;margin:1mm;flex:none}
b{font-size:3.6mm}
dl,dd,p{margin:0}
dd{font:bold 3.2mm/1.3 monospace}`;

/** One page of 62 x 29 mm, the endless tape of small label printers. */
export function labelHtml({ ssid, accessPointPassword, portalPassword, mac }: LabelText): string {
  const rows = [
    ["Wi-Fi", ssid],
    ["Password", accessPointPassword],
    ["Pages", portalPassword],
  ].map(([name = "", text = ""]) => `<dt>${name}</dt><dd>${escaped(text)}</dd>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(ssid)}</title><style>${STYLE}</style></head>
<body>${qrSvg(wifiCode(ssid, accessPointPassword))}<div><p><b>IEVCC</b> ${escaped(mac)}</p><dl>${rows.join("")}</dl></div></body>
</html>
`;
}
