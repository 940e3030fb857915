/**
 * A policy that failed about an object and does not refuse it, because its own failure policy says to ignore that: it has not judged the object, or
 * not to its end. Whoever admits the object says so.
 */
export interface IgnoredFailure {
  /** The constraint, the binding of an admission policy, or the mutator. */
  readonly policy: { readonly kind: string; readonly name: string };
  /** The first of its failures. */
  readonly message: string;
}

/** Failures that are passed over, the first one of each policy. */
export class IgnoredFailures {
  readonly #byPolicy: Map<string, IgnoredFailure> = new Map();

  add(policy: IgnoredFailure["policy"], message: string): void {
    const key = `${policy.kind}\0${policy.name}`;
    if (!this.#byPolicy.has(key)) this.#byPolicy.set(key, { policy, message });
  }

  /** In the order in which the policies failed. */
  get all(): readonly IgnoredFailure[] {
    return [...this.#byPolicy.values()];
  }
}
