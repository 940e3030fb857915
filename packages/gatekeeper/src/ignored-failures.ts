/**
 * A policy that failed for an object without refusing it, because its failure policy is `Ignore`: it did not evaluate the object completely.
 * Answers that admit the object name it.
 */
export interface IgnoredFailure {
  /** The constraint, the binding of an admission policy, or the mutator. */
  readonly policy: { readonly kind: string; readonly name: string };
  /** The first of its failures. */
  readonly message: string;
}

/** Collects ignored failures, the first one of each policy. */
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
