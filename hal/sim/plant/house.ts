// The house and the roof: what they take and give on each phase, until somebody changes it.

export interface House {
  /** A per phase; all 0 while the site is without power. */
  loads(): readonly number[];
  roof(): readonly number[];
  setLoads(amps: readonly number[]): void;
  setRoof(amps: readonly number[]): void;
  powerLost(): void;
}

export function createHouse(phases: number): House {
  const none: readonly number[] = Array.from({ length: phases }, () => 0);
  let loads = none;
  let roof = none;
  let dark = false;
  return {
    loads: () => (dark ? none : loads),
    roof: () => (dark ? none : roof),
    setLoads: (amps) => {
      loads = [...amps];
    },
    setRoof: (amps) => {
      roof = [...amps];
    },
    powerLost: () => {
      dark = true;
    },
  };
}
