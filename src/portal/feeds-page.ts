// The page of emoncms and InfluxDB: for each that is fed, what it has taken, what waits, and what was wrong last; then the form.

import type { FeedFact } from "../feed-state.js";
import type { Form } from "./fields.js";
import { formBody, type Refused } from "./form-page.js";
import { duration, rows } from "./status-page.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

export function feedsBody(view: View, form: Form, refused: Refused | null, saved: boolean): string {
  const { texts, model } = view;
  const facts = model.device === "meter" ? model.meter.feeds : [];
  const cards = facts.map((one) => {
    const byBroker = one.name === "emoncms" && model.settings.emoncms === "mqtt" && model.mqtt !== "online";
    const broker: readonly Row[] = byBroker ? [[texts.facts.mqtt, texts.mqtt[model.mqtt]]] : [];
    return `<h2>${texts.feeds.names[one.name]}</h2>${rows([...lines(texts, one), ...broker])}`;
  });
  return `${formBody(view, form, refused, saved)}${cards.join("")}`;
}

type Row = readonly [term: string, value: string];

function lines(texts: Texts, { deliveredFor, waiting, lost, refused, trouble }: FeedFact): readonly Row[] {
  const { feeds, words } = texts;
  const ago = deliveredFor === null ? feeds.never : filled(words.ago, duration(texts, deliveredFor));
  return [
    [feeds.delivered, ago],
    [feeds.waiting, String(waiting)],
    ...(lost > 0 ? [[feeds.lost, String(lost)] as const] : []),
    ...(refused > 0 ? [[feeds.refused, String(refused)] as const] : []),
    ...(trouble === null ? [] : [[feeds.trouble, troubleOf(texts, trouble)] as const]),
  ];
}

/** What went wrong, and what the server said of it. */
function troubleOf({ feeds }: Texts, { why, detail }: NonNullable<FeedFact["trouble"]>): string {
  const words = feeds.troubles[why === "refused" ? "refusedCertificate" : why];
  return detail === "" ? words : `${words} (${detail})`;
}
