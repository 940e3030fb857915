import { mapped } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";

/** To work out what is written of a package or a finding takes about as long as looking at so many bytes. */
const bytesPerItem = 2_048;

/** What is written of each package or finding, worked out in steps. */
export function items<T, R>(list: readonly T[], written: (item: T, index: number) => R): Steps<R[]> {
  return mapped(list, bytesPerItem, written);
}

/** The same where several things, or none, are written of each. */
export function* flatItems<T, R>(list: Iterable<T>, written: (item: T) => readonly R[]): Steps<R[]> {
  const all: R[] = [];
  for (const item of list) {
    for (const each of written(item)) all.push(each);
    yield bytesPerItem;
  }
  return all;
}
