import type { Diagnostic, Limits, Observation } from "@plimsoll/model";
import type { PlannedAnalyzer } from "./plan.ts";

/** Readings of layers may hold so many times what an image may have at the end: layers write the same packages anew. */
const timesHeld = 5;

/**
 * The limit on things of one kind in an image, and on links that may lead to such things. Each layer has the whole limit while it is read, and
 * what is left when the layers lie on top of each other has it once more: so the order of reading does not decide what is left out. All readings
 * together have a multiple of the limit, since they are kept in memory. Where that or the limit of a layer is spent, layers are read again for
 * what is there at the end alone (see `take-standing.ts`).
 */
export class FindBudget {
  readonly #limit: number;
  readonly #kinds: string;
  readonly #whole: FindBudget | undefined;
  readonly #holds: boolean;
  #left: number;
  #held: number;

  constructor(limit: number, kinds: string, whole?: FindBudget, holds = true) {
    this.#limit = limit;
    this.#kinds = kinds;
    this.#whole = whole;
    this.#holds = holds;
    this.#left = limit;
    this.#held = limit * timesHeld;
  }

  /** Takes `count` of the budget. False when fewer were left; from then on it is always false. */
  take(count: number): boolean {
    if (this.isSpent) return false;
    const held = Math.min(count, this.#left);
    this.#left -= count;
    if (this.#holds && this.#whole !== undefined && (this.#whole.#held -= held) < 0) this.#left = -1;
    if (this.isSpent) this.#whole?.take(Infinity);
    return !this.isSpent;
  }

  /** Gives back what was taken of something that memory keeps no longer. Nothing comes back to a budget that is spent. */
  giveBack(count: number): void {
    if (this.isSpent) return;
    this.#left += count;
    if (this.#holds && this.#whole !== undefined) this.#whole.#held += count;
  }

  /** Whether nothing more can be taken. */
  get isUsedUp(): boolean {
    return this.#left <= 0;
  }

  /** Whether something is left out. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /**
   * A budget of the same size for something that is counted separately; when it is spent, so is this one.
   * @param holds whether memory keeps what is counted in addition. Not of what is there at the end: it was counted when its layer was read.
   */
  anew(holds: boolean): FindBudget {
    return new FindBudget(this.#limit, this.#kinds, this, holds);
  }

  /** The diagnostic for an image of which something was left out. */
  problem(): Diagnostic {
    return {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message:
        this.#held < 0
          ? `The layers of the image together have more than ${this.#limit * timesHeld} ${this.#kinds}; the rest was left out`
          : `The image has more than ${this.#limit} ${this.#kinds}; the rest was left out`,
    };
  }
}

/** The budgets of an image, one for each kind of things that are found. */
export interface FindBudgets {
  readonly packages: FindBudget;
  /** What detectors find. */
  readonly detected: FindBudget;
  /** Characters that detectors keep of files. */
  readonly kept: FindBudget;
}

/** The budgets that the limits give. */
export function findBudgets({ maxPackages, maxDetected, maxRetainedBytes }: Limits): FindBudgets {
  return {
    packages: new FindBudget(maxPackages, "packages, each place counted, and links that may lead to one"),
    detected: new FindBudget(
      maxDetected,
      "secrets, configurations and licence texts, each place counted, and links that may lead to one",
    ),
    kept: new FindBudget(maxRetainedBytes, "characters of configurations, secrets and licence texts"),
  };
}

/** As many again of each, for the reading of a layer. */
export function budgetsOfReading(budgets: FindBudgets): FindBudgets {
  return budgetsAnew(budgets, true);
}

/** As many again of each, for what is there at the end. */
export function budgetsAtTheEnd(budgets: FindBudgets): FindBudgets {
  return budgetsAnew(budgets, false);
}

function budgetsAnew({ packages, detected, kept }: FindBudgets, holds: boolean): FindBudgets {
  return { packages: packages.anew(holds), detected: detected.anew(holds), kept: kept.anew(holds) };
}

/** Whether a name under which an analyzer may find something can still be taken. */
export function affordsName({ part }: Pick<PlannedAnalyzer, "part">, { packages, detected }: FindBudgets): boolean {
  return (part === undefined ? packages : detected).take(1);
}

/** Gives back what {@link affordsName} took. */
export function giveBackName({ part }: Pick<PlannedAnalyzer, "part">, { packages, detected }: FindBudgets): void {
  (part === undefined ? packages : detected).giveBack(1);
}

/** Whether what an analyzer said can be taken; with nothing, whether anything still could. */
export function affords(
  { part }: Pick<PlannedAnalyzer, "part">,
  said: readonly Pick<Observation, "kind">[],
  { packages, detected, kept }: FindBudgets,
): boolean {
  if (part === undefined) return packages.take(packagesIn(said));
  const { count, length } = detectedIn(said);
  const taken = [detected.take(count), kept.take(length)];
  return !taken.includes(false);
}

/** Gives back what {@link affords} took. */
export function giveBack(
  { part }: Pick<PlannedAnalyzer, "part">,
  said: readonly Pick<Observation, "kind">[],
  { packages, detected, kept }: FindBudgets,
): void {
  if (part === undefined) return packages.giveBack(packagesIn(said));
  const { count, length } = detectedIn(said);
  detected.giveBack(count);
  kept.giveBack(length);
}

function packagesIn(said: readonly Pick<Observation, "kind">[]): number {
  return said.filter(({ kind }) => kind === "package").length;
}

function detectedIn(said: readonly Pick<Observation, "kind">[]): { readonly count: number; readonly length: number } {
  const found = said.flatMap((one) => ("data" in one ? [one.data] : []));
  let length = 0;
  for (const data of found) length += lengthOf(data);
  return { count: found.length, length };
}

/** Characters of all texts of a value. */
function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  let length = 0;
  for (const inside of Object.values(value)) length += lengthOf(inside);
  return length;
}

/** Whether an observation is counted: what is wrong with a file is told all the same. */
export function isFound({ kind }: Pick<Observation, "kind">): boolean {
  return kind === "package" || kind === "detected";
}
