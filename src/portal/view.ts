// What a page is made from: the facts, the language, and the token that its forms carry.

import type { ChargerModel, PortalModel } from "./model.js";
import { numeral, type Texts } from "./texts/texts.js";

export interface View<Model extends PortalModel = PortalModel> {
  readonly model: Model;
  readonly texts: Texts;
  /** Hidden in every form; a POST without it changes nothing. */
  readonly csrf: string;
}

export const isCharger = (view: View): view is View<ChargerModel> => view.model.device === "charger";

/** Amperes of any source in the way of the language, to 0.1 A, a zero behind the point left out. */
export const amperes = ({ texts }: View, value: number): string => numeral(texts, value);
