/** Adds values to the list under a key, in time that does not depend on how long the list is. */
export function append<K, T>(lists: Map<K, T[]>, key: K, values: Iterable<T>): void {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  for (const value of values) list.push(value);
}
