/**
 * Work in portions: it stops after each, so that whoever runs it may let others have their turn, and tells about as long as looking at how
 * many bytes the portion took. What it comes to is returned.
 */
export type Steps<T> = Generator<number, T, undefined>;

/** Does all the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** A list of what is made of each item, a portion each. */
export function* mapped<T, R>(items: readonly T[], bytes: number, map: (item: T, index: number) => R): Steps<R[]> {
  const made: R[] = [];
  for (const [index, item] of items.entries()) {
    made.push(map(item, index));
    yield bytes;
  }
  return made;
}
