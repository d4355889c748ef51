// Module tables, frozen all through: on the device what is not frozen costs RAM although it lies in flash.

/** The value itself, frozen with all that it holds. Bytes stay as they are: those cannot be frozen. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}
