/** Values that depend on their key only and are dear to make: compiled patterns, zones, templates. */

const mostOfKind = 1_000;
const mostKinds = 100;
/** Keys of documents may be of any length: only short ones are kept. */
const longestKey = 4_096;

export class KeptValues {
  readonly #kinds: Map<string, Map<string, unknown>> = new Map();

  /** The value of a key, made if it is not cached. An error of `make` is not cached. */
  get<T>(kind: string, key: string, make: () => T): T {
    let values = this.#kinds.get(kind);
    if (values === undefined) {
      if (this.#kinds.size >= mostKinds) this.#kinds.clear();
      values = new Map();
      this.#kinds.set(kind, values);
    }
    const known = values.get(key);
    if (known !== undefined) return known as T; // as: a kind has one type
    const value = make();
    if (key.length <= longestKey) {
      if (values.size >= mostOfKind) values.clear();
      values.set(key, value);
    }
    return value;
  }
}
