// Freezes what the engine brings, as the device's flash does. Nothing that a module adds later is touched.

const seen = new Set();

function freeze(value) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  if (value === globalThis || seen.has(value)) return;
  seen.add(value);
  Object.freeze(value);
  freeze(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    freeze(property.value);
    freeze(property.get);
    freeze(property.set);
  }
}

for (const name of Reflect.ownKeys(globalThis)) freeze(globalThis[name]);
// Prototypes that no global names.
freeze(Object.getPrototypeOf(function* () {}));
freeze(Object.getPrototypeOf(async () => {}));
freeze(Object.getPrototypeOf(async function* () {}));
freeze(Object.getPrototypeOf([][Symbol.iterator]()));
freeze(Object.getPrototypeOf(""[Symbol.iterator]()));
freeze(Object.getPrototypeOf("a".matchAll(/a/g)));
freeze(Object.getPrototypeOf(new Map().entries()));
freeze(Object.getPrototypeOf(new Set().values()));
seen.clear();
