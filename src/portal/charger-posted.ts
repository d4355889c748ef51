// What the forms of a charger's own pages do, each told by its button. The forms of settings stand in posted.ts.

import type { Answer } from "./answers.js";
import type { Fields } from "./form.js";
import { PEOPLE, SCHEDULE, TARIFF } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { isPeopleGo, peoplePosted } from "./person-posted.js";
import { isScheduleGo, schedulePosted } from "./schedule-posted.js";
import { tariffPosted } from "./tariff-posted.js";
import type { View } from "./view.js";

/** Whether a button of these forms was pressed. */
export const isOfCharger = (path: string, go: string): boolean =>
  (path === PEOPLE.path && isPeopleGo(go)) ||
  (path === TARIFF.path && go === "tariff") ||
  (path === SCHEDULE.path && isScheduleGo(go));

/** Of a form that is one of these. */
export function chargerPosted(view: View<ChargerModel>, fields: Fields, go: string): Answer {
  if (isPeopleGo(go)) return peoplePosted(view, fields, go);
  return isScheduleGo(go) ? schedulePosted(view, fields, go) : tariffPosted(view, fields);
}
