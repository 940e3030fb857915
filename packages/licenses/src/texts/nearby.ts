/** A stretch of a document. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Stretches of one kind, to ask whether one of them lies near a place without looking at all of them. */
export class Nearby {
  private readonly starts: number[] = [];
  /** For each start, how far those up to it reach. */
  private readonly reach: number[] = [];

  constructor(stretches: readonly Stretch[]) {
    for (const { start, end } of stretches.toSorted((a, b) => a.start - b.start)) {
      this.starts.push(start);
      this.reach.push(Math.max(end, this.reach.at(-1) ?? 0));
    }
  }

  /** Whether one begins before the one place and ends behind the other. */
  holds(startBefore: number, endBehind: number): boolean {
    const before = firstAtLeast(this.starts, startBefore);
    return before > 0 && (this.reach[before - 1] ?? 0) > endBehind;
  }
}

/** Groups of stretches by a key. */
export function nearbyBy<T extends Stretch>(all: readonly T[], key: (each: T) => string): ReadonlyMap<string, Nearby> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const name = key(each);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [each]);
    else group.push(each);
  }
  return new Map(Array.from(groups, ([name, group]) => [name, new Nearby(group)]));
}

/** Where the first number of an ascending list stands that is not less than the one asked for. */
export function firstAtLeast(ascending: readonly number[], least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
