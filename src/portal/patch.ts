// From the fields of a form to the change of settings that they ask for. It judges nothing: what is no number stays text,
// and settings.ts says why it cannot be.

import { CONTRACTED_KVA, contractedFromKva, type Settings } from "../settings.js";
import { type Form, type FormField, KVA_FIELD, PZEM_PARTS, PZEM_ROWS, pzemInput } from "./fields.js";
import { type Fields, fieldOf } from "./form.js";

export const CSRF_FIELD = "csrf";
/** Ticked beside a secret: take it away. */
export const clearName = (name: string): string => `${name}-clear`;

export type Patch = Record<string, unknown>;

/** The change that a form asks for. A field that was not sent changes nothing; one that the form does not have comes
 *  through under a name that no setting has, so that it is refused. */
export function patchOf(form: Form, fields: Fields, settings: Settings): Patch {
  const patch: Patch = {};
  for (const one of form.fields) {
    const typed = fieldOf(fields, one.name);
    if (typed !== null && !(one.kind === "secret" && typed === "")) patch[one.name] = typedValue(one, typed);
    if (one.kind === "secret" && fieldOf(fields, clearName(one.name)) !== null) patch[one.name] = "";
  }
  if (form.kva) takePower(patch, fields, settings);
  if (form.pzems) takePzems(patch, fields);
  return fields.some(([name]) => !inputsOf(form).includes(name)) ? { ...patch, "unknown field": true } : patch;
}

function inputsOf(form: Form): readonly string[] {
  const rows = Array.from({ length: PZEM_ROWS }, (_, row) => row + 1);
  return [
    CSRF_FIELD,
    ...form.fields.map((one) => one.name),
    ...form.fields.filter((one) => one.kind === "secret").map((one) => clearName(one.name)),
    ...(form.kva ? [KVA_FIELD] : []),
    ...(form.pzems ? PZEM_PARTS.flatMap((part) => rows.map((row) => pzemInput(part, row))) : []),
  ];
}

const isNumeral = (typed: string): boolean => /^-?\d{1,6}(?:[.,]\d{1,4})?$/.test(typed);
const numberOf = (typed: string): unknown => (isNumeral(typed) ? Number(typed.replace(",", ".")) : typed);

function typedValue({ kind }: FormField, raw: string): unknown {
  const typed = raw.trim();
  switch (kind) {
    case "text":
    case "secret":
      return raw;
    case "choice":
      return typed;
    case "number":
    case "numberChoice":
      return numberOf(typed);
    case "numberOrNone":
      return typed === "" ? null : numberOf(typed);
    case "yesNo":
      return typed === "yes" ? true : typed === "no" ? false : typed;
    case "list":
      return typed.slice(0, 40).split(" ").map(numberOf);
  }
}

/** A chosen power becomes a current, by the phases and the voltage typed beside it. */
function takePower(patch: Patch, fields: Fields, settings: Settings): void {
  const typed = fieldOf(fields, KVA_FIELD) ?? "";
  if (typed === "") return;
  const kva = CONTRACTED_KVA.find((one) => String(one) === typed);
  const voltage = patch.voltageV ?? settings.voltageV;
  const phases = patch.phases ?? settings.phases;
  if (kva === undefined || typeof voltage !== "number" || voltage < 1) patch[KVA_FIELD] = typed;
  else if (phases === 1 || phases === 3) patch.contractedA = contractedFromKva(kva, phases, voltage);
}

/** Rows without an address are not there. */
function takePzems(patch: Patch, fields: Fields): void {
  const pzems: unknown[] = [];
  let sent = false;
  for (let row = 1; row <= PZEM_ROWS; row++) {
    const [address, role, phase] = PZEM_PARTS.map((part) => fieldOf(fields, pzemInput(part, row))?.trim() ?? "");
    sent ||= fieldOf(fields, pzemInput("address", row)) !== null;
    if (address) pzems.push({ address: numberOf(address), role, phase: numberOf(phase ?? "") });
  }
  if (sent) patch.pzems = pzems;
}
