import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";

let session: Session | undefined;

/**
 * Begins to count, for as long as the process lives: what was compiled before has no counters, and what is compiled without them while
 * nobody counts never gets any.
 */
function beginCounting(): Session {
  if (session !== undefined) return session;
  session = new Session();
  session.connect();
  ask(session, "Profiler.enable");
  ask(session, "Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return session;
}

function ask<T>(of: Session, method: string, parameters: object = {}): T {
  let answer: T | undefined;
  // Within a process the answer has come before this returns.
  of.post(method, parameters, (error, result) => {
    if (error !== null) throw error;
    answer = result as T; // as: what the protocol says of the method
  });
  return answer as T; // as: set above
}

/** How often blocks were run since the last time that this was asked. */
function blocksRun(of: Session): number {
  const { result } = ask<Profiler.TakePreciseCoverageReturnType>(of, "Profiler.takePreciseCoverage");
  let blocks = 0;
  for (const { functions } of result)
    for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
  return blocks;
}

/**
 * Counts the work of a function: how often each block of code ran, plus the elements processed by built-in functions that contain a loop. The same
 * on every machine, whatever its load.
 */
export async function countedWork(work: () => unknown): Promise<number> {
  const counting = beginCounting();
  blocksRun(counting);
  return countOn(counting, work);
}

/** As {@link countedWork}, where nothing else has run since the last count. */
async function countOn(counting: Session, work: () => unknown): Promise<number> {
  const hidden = countBuiltIns();
  try {
    await work();
  } finally {
    hidden.restore();
  }
  return blocksRun(counting) + hidden.count();
}

type Method = (this: unknown, ...given: readonly unknown[]) => unknown;

/** Replaces what searches, copies or walks by the same with a count. */
function countBuiltIns(): { readonly count: () => number; readonly restore: () => void } {
  let count = 0;
  const undo: (() => void)[] = [];
  const wrap = (
    owner: object,
    name: string,
    cost: (self: unknown, result: unknown, given: readonly unknown[]) => number,
  ): void => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    if (own === undefined) return;
    const original = own.value as Method; // as: all that are named below are methods
    const counted: Method = function (...given) {
      // Not spread: that would walk the arguments, and so come back to here.
      const result: unknown = Reflect.apply(original, this, given);
      count += cost(this, result, given);
      return result;
    };
    Object.defineProperty(owner, name, { ...own, value: counted });
    undo.push(() => Object.defineProperty(owner, name, own));
  };
  const lengthOf = (value: unknown): number =>
    typeof value === "object" && value !== null && "length" in value
      ? Number(value.length)
      : typeof value === "string"
        ? value.length
        : 0;
  // A search begins where it is told to, and ends where it finds something.
  const passed = (self: unknown, result: unknown, given: readonly unknown[]): number =>
    Math.abs((typeof result === "number" && result >= 0 ? result : lengthOf(self)) - Number(given[1] ?? 0));
  const whole = (self: unknown): number => lengthOf(self);
  const made = (_: unknown, result: unknown): number => lengthOf(result);
  for (const name of ["includes", "indexOf", "lastIndexOf"]) {
    wrap(Array.prototype, name, passed);
    wrap(String.prototype, name, (self, result, given) => passed(self, result, given) / 16);
  }
  for (const name of ["slice", "concat", "join", "splice", "shift", "unshift"]) wrap(Array.prototype, name, made);
  for (const name of ["split", "replace", "replaceAll", "trim"])
    wrap(String.prototype, name, (self) => whole(self) / 16);
  const iterator = Object.getPrototypeOf([][Symbol.iterator]()) as object; // as: the prototype of all of them
  wrap(iterator, "next", () => 1);
  return {
    count: () => count,
    restore: () => {
      for (const one of undo.reverse()) one();
    },
  };
}

/** Work that is done for one, two and four times the input. */
export type ScaledWork = (times: 1 | 2 | 4) => unknown;

/** Work below this is preparation rather than work on the input. */
const leastWork = 20_000;

/** Twice the input may take somewhat more than twice the work: trees grow deeper, tables are rebuilt. A square takes four times. */
const mostGrowth = 2.7;

/** How often work is counted that seems steep: the process does other things in between, but not each time. */
const mostTries = 3;

/** A sentence about how the work grows when the input doubles, twice; undefined when it does not grow faster than the input. */
export async function growthProblem(work: ScaledWork): Promise<string | undefined> {
  const first = await countsOf(work);
  let last = first;
  for (let tried = 1; isSteep(last); tried++) {
    if (tried === mostTries) return sentenceOf(last);
    last = await countsOf(work);
    // The smallest was done before it was counted the first time, so that only the others can be compared.
    if (remembers(first, last)) return isSteepAtLast(first) ? sentenceOf(first) : undefined;
  }
  return undefined;
}

/** The work for one, two and four times the input. */
interface Counts {
  readonly once: number;
  readonly twice: number;
  readonly fourfold: number;
}

async function countsOf(work: ScaledWork): Promise<Counts> {
  const counting = beginCounting();
  // What happens once, such as compiling patterns, is over before it is counted.
  await work(1);
  blocksRun(counting);
  return {
    once: await countOn(counting, () => work(1)),
    twice: await countOn(counting, () => work(2)),
    fourfold: await countOn(counting, () => work(4)),
  };
}

function isSteep(counts: Counts): boolean {
  const { once, twice, fourfold } = counts;
  return isSteepAtLast(counts) || (fourfold > leastWork && twice > leastWork && twice / once > mostGrowth);
}

function isSteepAtLast({ twice, fourfold }: Counts): boolean {
  return fourfold > leastWork && fourfold / twice > mostGrowth;
}

/**
 * Whether work kept its results from the first time: then four times the input takes less than twice the input took, which something else that ran
 * in between only explains where it ran more than half of the time.
 */
function remembers(first: Counts, later: Counts): boolean {
  return later.fourfold < Math.min(first.twice, first.fourfold / 2);
}

function sentenceOf({ once, twice, fourfold }: Counts): string {
  return `${once}, ${twice}, ${fourfold}`;
}
