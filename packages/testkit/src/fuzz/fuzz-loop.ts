import type { FuzzTarget } from "./fuzz-targets.ts";
import { mutate } from "./mutate.ts";
import { randomFrom } from "./random.ts";
import type { Random } from "./random.ts";
import { shrink } from "./shrink.ts";

export interface FuzzLoopOptions {
  readonly seeds: readonly Uint8Array[];
  /** Inputs at most, seeds included. */
  readonly inputs: number;
  /** Stops after this time even when there are inputs left. */
  readonly milliseconds: number;
  /** The same number gives the same inputs. */
  readonly seed: number;
  /** Processor time that one input may take. */
  readonly maxMilliseconds: number;
  /** Bytes by which one input may raise the peak of the process's memory. */
  readonly maxBytes: number;
  /** Called with each input before it is tried, so that another process can tell which input killed this one. */
  readonly onInput?: (input: Uint8Array) => void;
}

export interface FuzzOutcome {
  /** Inputs tried. */
  readonly inputs: number;
  readonly failure?: { readonly input: Uint8Array; readonly reason: string };
}

/** Tries the seeds, then mutations of them, until one fails, the inputs are used up or time is over. */
export async function fuzzLoop(target: FuzzTarget, options: FuzzLoopOptions): Promise<FuzzOutcome> {
  const random = randomFrom(options.seed);
  const end = performance.now() + options.milliseconds;
  let inputs = 0;
  while (inputs < options.inputs && performance.now() < end) {
    const input = options.seeds[inputs] ?? nextInput(target, options.seeds, random, inputs);
    inputs++;
    const reason = await tryInput(target, input, options);
    if (reason === undefined) continue;
    const kind = kindOf(reason);
    const smallest = await shrink(input, async (candidate) => {
      const again = await tryInput(target, candidate, options);
      return again !== undefined && kindOf(again) === kind;
    });
    return { inputs, failure: { input: smallest, reason } };
  }
  return { inputs };
}

/** What a target makes itself, as it is or mutated, in turns with mutated seeds. */
function nextInput(target: FuzzTarget, seeds: readonly Uint8Array[], random: Random, turn: number): Uint8Array {
  if (target.make === undefined || turn % 2 === 0) return mutate(seeds, random);
  const made = target.make(random);
  return turn % 4 === 1 ? made : mutate([made], random);
}

/** The failure of a target for an input; undefined when there is none. */
export async function tryInput(
  target: FuzzTarget,
  input: Uint8Array,
  { maxMilliseconds, maxBytes, onInput }: Pick<FuzzLoopOptions, "maxMilliseconds" | "maxBytes" | "onInput">,
): Promise<string | undefined> {
  onInput?.(input);
  const before = process.resourceUsage();
  try {
    // A copy: what a target does to its input is its own affair.
    await target.fuzz(input.slice());
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  }
  const after = process.resourceUsage();
  const milliseconds = (after.userCPUTime - before.userCPUTime) / 1000;
  if (milliseconds > maxMilliseconds) return `took too long: ${Math.round(milliseconds)} ms of processor time`;
  const bytes = (after.maxRSS - before.maxRSS) * 1024;
  if (bytes > maxBytes) return `took too much: ${Math.round(bytes / 1048576)} MiB more memory`;
  return undefined;
}

/** Two failures of one kind break at the same place. */
function kindOf(reason: string): string {
  const place = reason.split("\n").find((line) => line.trimStart().startsWith("at "));
  return place ?? reason.split(":")[0] ?? reason;
}
