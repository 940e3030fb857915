/** Numbers from 0 (inclusive) to 1 (exclusive) that look random and are the same for the same seed: mulberry32. */
export type Random = () => number;

/** A generator of its own for each seed, so that a run can be repeated. */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number from 0 (inclusive) to `below` (exclusive); 0 when there is none. */
export function wholeBelow(random: Random, below: number): number {
  return below <= 0 ? 0 : Math.floor(random() * below);
}

/** One of the choices; `otherwise` when there are none. */
export function oneOf<T>(random: Random, choices: readonly T[], otherwise: T): T {
  return choices[wholeBelow(random, choices.length)] ?? otherwise;
}
