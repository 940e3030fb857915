/**
 * Counts what is kept of each kind, and what is left out. A limit for each check, not for all of them: however often one of them finds
 * something, it displaces nothing that another has found.
 */
export class FindingLimit {
  readonly #most: number;
  readonly #kept = new Map<string, number>();
  readonly #leftOut = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether one more of a kind is kept; if not, it counts as left out. */
  take(kind: string): boolean {
    const kept = this.#kept.get(kind) ?? 0;
    if (kept < this.#most) this.#kept.set(kind, kept + 1);
    else this.#leftOut.set(kind, (this.#leftOut.get(kind) ?? 0) + 1);
    return kept < this.#most;
  }

  /** How many of each kind are left out; kinds of which all are kept are not in it. */
  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  /** How many are left out, of all kinds. */
  get count(): number {
    return [...this.#leftOut.values()].reduce((sum, each) => sum + each, 0);
  }
}
