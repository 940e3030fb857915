/**
 * The proof that a backtracking engine takes time linear in the text for a pattern.
 *
 * The engine tries every start in turn, so all the work of a search is bounded by how often it can stand at one place of the
 * text in one state of the pattern, over all starts and all ways through the pattern. That number is a product: each
 * repetition of a set of characters C multiplies it by the number of places in one run of C from which it can be entered.
 * Where a character outside of C must come before, at most d characters ahead of the repetition, there are at most d + 1 such
 * places; where the repetition has at most k choices of length, it multiplies by no more than k. A repetition without end and
 * without such an anchor (`key.*secret` on "keykeykey…") has no bound: the pattern is refused.
 *
 * Three further facts widen what is proved. After a repetition whose rest cannot fail, the search is over: it is entered once.
 * A pattern that begins with C+ matches from within a run of C only if it also matches from the run's start: a guard against
 * starting within changes nothing (but see `compile.ts` on searches that begin within). Repetition of more than a set counts
 * as a repetition over all its characters if one character always says how to go on.
 */

import {
  codePointSet,
  contains,
  intersects,
  isSubset,
  sizeOf,
  lineFeed,
  wordCharacters,
  type CodePointSet,
} from "./code-points.ts";
import { isNullable, maximumLength, someNode, type RepeatNode, type SetNode, type SyntaxNode } from "./syntax-tree.ts";

/**
 * The most visits of one place in one state that still count as linear. The product is an upper bound, far above what texts were
 * seen to bring about: gitleaks' generic rule was faster here than in an automaton on every text tried.
 */
const mostVisits = 3_000_000;

/** The most steps that proofs about one pattern take: nested or many alternatives would take a square of their number. */
const mostSteps = 2_000_000;

/** What is left of the steps that proofs may take. */
export class ProofSteps {
  private left = mostSteps;

  /** @throws {TooManySteps} if that many are not left */
  take(count: number): void {
    this.left -= count;
    if (this.left < 0) throw new TooManySteps();
  }

  /** How many were taken; more than there are where a proof was given up. */
  get taken(): number {
    return mostSteps - this.left;
  }
}

class TooManySteps extends Error {}

/** The repetitions to guard if the pattern is proved linear, undefined if it is not, or not within the steps that are left. */
export function proveLinear(
  root: SyntaxNode,
  steps: ProofSteps = new ProofSteps(),
): ReadonlySet<SyntaxNode> | undefined {
  const proof = new Proof(steps);
  try {
    if (proof.behavesOtherwise(root)) return undefined;
    return proof.visits(root, undefined, false) <= mostVisits ? proof.guarded : undefined;
  } catch (error) {
    // A RangeError: the nesting is too deep for the stack.
    if (error instanceof TooManySteps || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What comes before a node, nearest first. */
interface Before {
  readonly node: SyntaxNode;
  readonly before: Before | undefined;
}

/** Distances back: to the nearest character that must be outside of a set, and to the beginning without meeting one (-1: impossible). */
interface Reach {
  readonly anchored: number;
  readonly through: number;
}

class Proof {
  readonly guarded = new Set<SyntaxNode>();
  private readonly steps: ProofSteps;
  /** What `startsOf` found, so that deep nesting is not walked again for each level. */
  private readonly starts = new Map<SyntaxNode, CodePointSet>();

  constructor(steps: ProofSteps) {
    this.steps = steps;
  }

  /** How often one place can be visited in one state within the node. `mayFail`: something after the node can fail. */
  visits(node: SyntaxNode, before: Before | undefined, mayFail: boolean): number {
    switch (node.kind) {
      case "set":
        // What the engine has to read.
        this.steps.take(1 + node.set.length);
        return 1;
      case "assert":
        this.steps.take(1);
        return 1;
      case "capture":
        return this.visits(node.body, before, mayFail);
      case "sequence": {
        const lastFailing = mayFail ? node.items.length : node.items.findLastIndex((item) => this.canFail(item));
        let product = 1;
        let back = before;
        for (const [index, item] of node.items.entries()) {
          product *= this.visits(item, back, index < lastFailing);
          if (product > mostVisits) return Infinity;
          back = { node: item, before: back };
        }
        return product;
      }
      case "choice": {
        // Alternatives that begin with different characters are never both on the way.
        const visits = node.items.map((item) => this.visits(item, before, mayFail));
        return this.disjointStarts(node.items) ? most(visits) : visits.reduce((sum, one) => sum + one, 0);
      }
      case "repeat":
        return this.repeatVisits(node, before, mayFail);
    }
  }

  private repeatVisits(node: RepeatNode, before: Before | undefined, mayFail: boolean): number {
    const { body, min, max } = node;
    if (max === 0) return 1;
    if (max === 1) return this.visits(body, before, mayFail) + (min === 0 ? 1 : 0);
    const choices = max - min + 1;
    if (body.kind === "set") {
      if (!mayFail) return 1;
      const places = this.entrances(body.set, before);
      if (max !== Infinity) return Math.min(choices, places);
      if (places !== Infinity) return places;
      if (before !== undefined) return Infinity;
      this.guarded.add(node);
      return 1;
    }
    if (isNullable(body)) return Infinity;
    const again: Before = { node: { ...node, min: 0 }, before };
    // An iteration that matched is never tried again where the rest cannot fail.
    if (!mayFail && min <= 1) return this.visits(body, again, false) + 1;
    const endless = max === Infinity || maximumLength(body) === Infinity;
    if (this.saysHowToGoOn(body, this.startsOf(body))) {
      return endless
        ? this.entrances(this.charactersOf(body), before)
        : Math.min(choices, this.entrances(this.charactersOf(body), before));
    }
    return endless ? Infinity : choices * this.visits(body, again, true) ** max;
  }

  /**
   * Whether JavaScript's rules differ from RE2's for the pattern: an iteration that takes nothing is refused by JavaScript and
   * kept by RE2, and groups are forgotten at each iteration in JavaScript and remembered in RE2.
   */
  behavesOtherwise(root: SyntaxNode): boolean {
    return someNode(root, (node) => {
      this.steps.take(1);
      if (node.kind !== "repeat") return false;
      if (node.max !== node.min && isNullable(node.body)) return true;
      return node.max > 1 && this.capturesSometimes(node.body, false);
    });
  }

  private capturesSometimes(node: SyntaxNode, optional: boolean): boolean {
    this.steps.take(1);
    switch (node.kind) {
      case "capture":
        return optional || this.capturesSometimes(node.body, optional);
      case "sequence":
        return node.items.some((item) => this.capturesSometimes(item, optional));
      case "choice":
        return node.items.some((item) => this.capturesSometimes(item, true));
      case "repeat":
        return this.capturesSometimes(node.body, optional || node.min === 0);
      default:
        return false;
    }
  }

  /** From how many places of one run of the set the repetition after `before` can be entered. */
  private entrances(set: CodePointSet, before: Before | undefined): number {
    let distance = 0;
    let furthest = -1;
    for (let back = before; back !== undefined; back = back.before) {
      const { anchored, through } = this.reach(back.node, set);
      if (anchored >= 0) furthest = Math.max(furthest, distance + anchored);
      if (through < 0) return furthest + 1;
      distance += through;
      if (distance > mostVisits) return Infinity;
    }
    return Infinity;
  }

  private reach(node: SyntaxNode, set: CodePointSet): Reach {
    this.steps.take(1 + set.length + (node.kind === "set" ? node.set.length : 0));
    switch (node.kind) {
      case "set":
        return intersects(node.set, set) ? { anchored: -1, through: 1 } : { anchored: 0, through: -1 };
      case "assert": {
        const stops =
          node.place === "text-start" ||
          (node.place === "line-start" && !contains(set, lineFeed[0] ?? 0)) ||
          // Word characters after a boundary: the run begins there.
          (node.place === "word-boundary" && isSubset(set, wordCharacters));
        return stops ? { anchored: 0, through: -1 } : { anchored: -1, through: 0 };
      }
      case "capture":
        return this.reach(node.body, set);
      case "sequence": {
        let anchored = -1;
        let through = 0;
        for (const item of node.items.toReversed()) {
          const one = this.reach(item, set);
          if (one.anchored >= 0) anchored = Math.max(anchored, through + one.anchored);
          if (one.through < 0) return { anchored, through: -1 };
          through += one.through;
        }
        return { anchored, through };
      }
      case "choice": {
        const all = node.items.map((item) => this.reach(item, set));
        return { anchored: most(all.map((one) => one.anchored)), through: most(all.map((one) => one.through)) };
      }
      case "repeat": {
        if (node.max === 0) return { anchored: -1, through: 0 };
        const body = this.reach(node.body, set);
        // Iterations that meet nothing outside may follow one that does.
        const more = body.through <= 0 ? 0 : body.through * (node.max - 1);
        const anchored = body.anchored < 0 ? -1 : body.anchored + more;
        const through = body.through <= 0 ? body.through : body.through * node.max;
        return { anchored, through: node.min === 0 ? Math.max(0, through) : through };
      }
    }
  }

  /** Whether the node can fail to match at a place, whatever is there. */
  private canFail(node: SyntaxNode): boolean {
    this.steps.take(1);
    switch (node.kind) {
      case "set":
      case "assert":
        return true;
      case "capture":
        return this.canFail(node.body);
      case "sequence":
        return node.items.some((item) => this.canFail(item));
      case "choice":
        return node.items.every((item) => this.canFail(item));
      case "repeat":
        return node.min > 0 && this.canFail(node.body);
    }
  }

  /** Characters a match of the node can begin with. */
  private startsOf(node: SyntaxNode): CodePointSet {
    if (node.kind === "set") return node.set;
    const known = this.starts.get(node);
    if (known !== undefined) return known;
    const starts = this.findStarts(node);
    this.starts.set(node, starts);
    return starts;
  }

  private findStarts(node: Exclude<SyntaxNode, SetNode>): CodePointSet {
    this.steps.take(1);
    switch (node.kind) {
      case "assert":
        return [];
      case "capture":
        return this.startsOf(node.body);
      case "sequence": {
        const last = node.items.findIndex((item) => !isNullable(item));
        return this.union(node.items.slice(0, last === -1 ? undefined : last + 1).map((item) => this.startsOf(item)));
      }
      case "choice":
        return this.union(node.items.map((item) => this.startsOf(item)));
      case "repeat":
        return node.max === 0 ? [] : this.startsOf(node.body);
    }
  }

  private charactersOf(node: SyntaxNode): CodePointSet {
    this.steps.take(1);
    if (node.kind === "set") return node.set;
    if (node.kind === "assert") return [];
    if (node.kind === "capture" || node.kind === "repeat") return this.charactersOf(node.body);
    return this.union(node.items.map((item) => this.charactersOf(item)));
  }

  private union(sets: readonly CodePointSet[]): CodePointSet {
    const ranges = sets.flat();
    this.steps.take(ranges.length);
    return codePointSet(ranges);
  }

  private disjointStarts(items: readonly SyntaxNode[]): boolean {
    if (items.some(isNullable)) return false;
    const starts = items.map((item) => this.startsOf(item));
    return sizeOf(this.union(starts)) === starts.reduce((sum, one) => sum + sizeOf(one), 0);
  }

  /** Whether, within the node, the next character alone says which way leads on. `follow`: what can come after the node. */
  private saysHowToGoOn(node: SyntaxNode, follow: CodePointSet): boolean {
    this.steps.take(1);
    switch (node.kind) {
      case "set":
      case "assert":
        return true;
      case "capture":
        return this.saysHowToGoOn(node.body, follow);
      case "sequence": {
        let after = follow;
        for (const item of node.items.toReversed()) {
          if (!this.saysHowToGoOn(item, after)) return false;
          after = isNullable(item) ? this.union([this.startsOf(item), after]) : this.startsOf(item);
        }
        return true;
      }
      case "choice":
        return this.disjointStarts(node.items) && node.items.every((item) => this.saysHowToGoOn(item, follow));
      case "repeat": {
        if (node.max === 0) return true;
        const starts = this.startsOf(node.body);
        if (isNullable(node.body) || (node.min !== node.max && intersects(starts, follow))) return false;
        return this.saysHowToGoOn(node.body, node.max > 1 ? this.union([starts, follow]) : follow);
      }
    }
  }
}

/** The largest of the numbers, however many there are; of none, less than any. */
function most(numbers: readonly number[]): number {
  return numbers.reduce((largest, one) => Math.max(largest, one), -Infinity);
}
