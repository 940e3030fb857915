/** Results of functions, remembered by their arguments within one evaluation. */

import { hashKey, type Value } from "../values/value.ts";
import type { nothing } from "./context.ts";

/** One call and its result. */
export interface CachedCall {
  readonly args: readonly Value[];
  /** Absent until the call has ended. */
  result: Value | typeof nothing | undefined;
}

/** With fewer calls than these a look at each is quicker than a map. */
const mostListed = 24;
const mostKept = 100_000;

const noCalls: CachedCall[] = [];

/** One level of arguments. */
interface Level {
  /** Absent after the last argument. */
  next: Map<unknown, Level> | undefined;
  call: CachedCall | undefined;
}

/** A cache of the calls of one function. */
export class CallCache {
  #listed: CachedCall[] = noCalls;
  #root: Level | undefined;

  /**
   * The entry for these arguments. Scalars are compared by value, collections by identity, because comparing large ones would cost more than it
   * saves.
   */
  entry(args: readonly Value[]): CachedCall {
    if (this.#root !== undefined) return this.#mapped(this.#root, args);
    for (const each of this.#listed) if (sameArguments(each.args, args)) return each;
    if (this.#listed.length < mostListed) {
      const call: CachedCall = { args, result: undefined };
      // Written out, a list has room for one; most functions are called once.
      if (this.#listed === noCalls) this.#listed = [call];
      else this.#listed.push(call);
      return call;
    }
    this.#root = { next: undefined, call: undefined };
    for (const each of this.#listed) this.#mapped(this.#root, each.args, each);
    this.#listed = noCalls;
    return this.#mapped(this.#root, args);
  }

  #mapped(root: Level, args: readonly Value[], known?: CachedCall): CachedCall {
    let level = root;
    for (const arg of args) {
      const key = typeof arg === "object" && arg !== null ? arg : hashKey(arg);
      const levels = (level.next ??= new Map<unknown, Level>());
      let next = levels.get(key);
      if (next === undefined) {
        next = { next: undefined, call: undefined };
        if (levels.size >= mostKept) levels.clear();
        levels.set(key, next);
      }
      level = next;
    }
    level.call ??= known ?? { args, result: undefined };
    return level.call;
  }
}

function sameArguments(left: readonly Value[], right: readonly Value[]): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
