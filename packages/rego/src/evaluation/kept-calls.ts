/** Results of pure functions of scalars, kept beyond one evaluation: policies ask of thousands of objects what `1Gi` is. */

import type { Value } from "../values/value.ts";
import type { Context, nothing } from "./context.ts";
import { World } from "./context.ts";

const mostKept = 1_000;
const longestText = 256;

/** A result, and what it took. */
interface KeptCall {
  readonly result: Value | typeof nothing;
  readonly steps: number;
  readonly bytes: number;
}

/** A cache of the calls of one pure function, across evaluations. */
export class KeptCalls {
  readonly #calls: Map<unknown, KeptCall> = new Map();

  /**
   * The result of a call, computed if it is not cached. Undefined if the call cannot be cached, because an argument is not a short scalar. A cached
   * result counts for the same steps and bytes as computing it, so that limits do not depend on what is cached.
   */
  result(
    context: Context,
    args: readonly Value[],
    compute: () => Value | typeof nothing,
  ): Value | typeof nothing | undefined {
    const key = keyOf(args);
    if (key === undefined) return undefined;
    const { meter } = context;
    const known = this.#calls.get(key);
    if (known !== undefined) {
      meter.step(known.steps);
      meter.charge(known.bytes);
      return known.result;
    }
    const { steps, bytes } = meter;
    const before = context.world;
    // What this evaluation knows already does not count: the price is that of a call by itself.
    context.world = new World(undefined, undefined);
    let result: Value | typeof nothing;
    try {
      result = compute();
    } finally {
      context.world = before;
    }
    if (isShort(result)) {
      if (this.#calls.size >= mostKept) this.#calls.clear();
      this.#calls.set(key, { result, steps: meter.steps - steps, bytes: meter.bytes - bytes });
    }
    return result;
  }
}

function isShort(value: Value | typeof nothing | undefined): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= longestText;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null;
    default:
      return true;
  }
}

function keyOf(args: readonly Value[]): unknown {
  for (const arg of args) if (!isShort(arg)) return undefined;
  if (args.length === 1) return args[0];
  // All calls of one function have as many arguments.
  let key = "";
  for (const arg of args) key += typeof arg === "string" ? `${arg.length}:${arg}` : `${String(arg)},`;
  return key;
}
