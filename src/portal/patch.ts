// From the fields of a form to the change of settings that they ask for. It judges nothing: what is no number stays text,
// and settings.ts says why it cannot be.

import { frozen } from "../frozen.js";
import { keyOfPairing } from "../pairing.js";
import { CONTRACTED_KVA, contractedFromKva, type Settings, type SettingsError } from "../settings.js";
import { type Form, type FormField, KVA_FIELD, PICK_FIELD, PZEM_PARTS, PZEM_ROWS, pzemInput } from "./fields.js";
import { type Fields, fieldOf } from "./form.js";

export const CSRF_FIELD = "csrf";
/** Which button was pressed, where there are several. */
export const GO_FIELD = "go";
/** Ticked beside a secret: take it away. */
export const clearName = (name: string): string => `${name}-clear`;

export type Patch = Record<string, unknown>;

/** Empty, these keep what there is. */
const isKept = ({ kind }: FormField): boolean => kind === "secret" || kind === "password" || kind === "pairing";

/** Where the password goes: to another broker only that which was typed for it, for anybody on the network can offer one. */
const BROKER = frozen(["mqttHost", "mqttPort", "mqttTls"] as const);

/** The change that a form asks for. A field that was not sent changes nothing; one that the form does not have comes
 *  through under a name that no setting has, so that it is refused. */
export function patchOf(form: Form, fields: Fields, settings: Settings): Patch {
  const patch: Patch = {};
  for (const one of form.fields) {
    const typed = fieldOf(fields, one.name);
    if (typed !== null && !(isKept(one) && typed.trim() === "")) patch[one.name] = typedValue(one, typed);
    if (one.kind === "secret" && fieldOf(fields, clearName(one.name)) !== null) patch[one.name] = "";
  }
  if (form.kva) takePower(patch, fields, settings);
  if (form.pzems) takePzems(patch, fields);
  if (form.networks) takeNetwork(patch, fields);
  if (BROKER.some((name) => patch[name] !== undefined && patch[name] !== settings[name])) patch.mqttPassword ??= "";
  const known = inputsOf(form);
  return fields.some(([name]) => !known.includes(name)) ? { ...patch, "unknown field": true } : patch;
}

function inputsOf(form: Form): readonly string[] {
  return [
    CSRF_FIELD,
    GO_FIELD,
    ...form.fields.map((one) => one.name),
    ...form.fields.filter((one) => one.kind === "secret").map((one) => clearName(one.name)),
    ...(form.kva ? [KVA_FIELD] : []),
    ...(form.networks ? [PICK_FIELD] : []),
    ...(form.pzems ? PZEM_PARTS.flatMap((part) => ROWS.map((row) => pzemInput(part, row))) : []),
  ];
}

const isNumeral = (typed: string): boolean => /^-?\d{1,6}(?:[.,]\d{1,4})?$/.test(typed);
export const numberOf = (typed: string): unknown => (isNumeral(typed) ? Number(typed.replace(",", ".")) : typed);

function typedValue({ kind }: FormField, raw: string): unknown {
  const typed = raw.trim();
  switch (kind) {
    case "text":
    case "secret":
    case "password":
      return raw;
    case "choice":
    case "zone":
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
    case "lines":
      return typed.split(/[\s,;]+/).filter((one) => one !== "");
    case "roster":
      return linesOf(typed).map(rosterRow);
    case "pairing": {
      const pairing = keyOfPairing(typed);
      return pairing.ok ? pairing.key : typed.slice(0, 1);
    }
  }
}

const linesOf = (typed: string): readonly string[] =>
  typed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** "charger-2 1,2,3 6": what is left out is phase 1 and no fail-safe current. */
function rosterRow(line: string): readonly unknown[] {
  const [id = "", wiring = "1", failsafe = "0", ...more] = line.split(/\s+/);
  return [id, wiring.split(",").map(numberOf), numberOf(failsafe), ...more];
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

/** A network of the list goes before one that was typed. */
function takeNetwork(patch: Patch, fields: Fields): void {
  const picked = fieldOf(fields, PICK_FIELD) ?? "";
  if (picked !== "") patch.wifiSsid = picked;
}

const ROWS: readonly number[] = frozen(Array.from({ length: PZEM_ROWS }, (_, index) => index + 1));
const typedIn = (fields: Fields, part: (typeof PZEM_PARTS)[number], row: number): string =>
  fieldOf(fields, pzemInput(part, row))?.trim() ?? "";

/** The rows that name a PZEM, in the order of the list; those without an address are not there. */
const rowsInUse = (fields: Fields): readonly number[] => ROWS.filter((row) => typedIn(fields, "address", row) !== "");

function takePzems(patch: Patch, fields: Fields): void {
  if (ROWS.every((row) => fieldOf(fields, pzemInput("address", row)) === null)) return;
  patch.pzems = rowsInUse(fields).map((row) => ({
    address: numberOf(typedIn(fields, "address", row)),
    role: typedIn(fields, "role", row),
    phase: numberOf(typedIn(fields, "phase", row)),
  }));
}

/** An error of one PZEM with the input that it belongs beside; any other as it is. */
export function besideInput(error: SettingsError, fields: Fields): SettingsError {
  const [, place = "", word = "", why = ""] = /^number (\d+) (\w+) (.*)$/.exec(error.why) ?? [];
  const part = PZEM_PARTS.find((one) => one === word);
  const row = rowsInUse(fields)[Number(place) - 1];
  if (error.field !== "pzems" || part === undefined || row === undefined) return error;
  return { field: pzemInput(part, row), why: `${part} ${why}` };
}
