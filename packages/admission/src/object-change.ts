import { applyJsonPatch, member, stepsOf } from "@plimsoll/kubernetes";
import type { JsonObject } from "@plimsoll/kubernetes";
import { WorkBudget } from "@plimsoll/model";
import type { DecideOptions, DecisionChange, Judged } from "./evidence.ts";
import type { PatchOperation } from "./json-patch.ts";
import { smallestChange } from "./smallest-change.ts";

/** How many changes are tried for one reason where the caller does not say. */
const defaultAttempts = 600;

/** All reasons of a decision together may try as many changes as this many reasons that find none. */
const reasonsWorth = 10;

/** How many steps policies may take for each of these changes. Some objects are large. */
const stepsOfTry = 1_000;

/** The work budget of the search for changes of one decision; exhausted where the decision's own budget is. */
export function searchBudget({ maxAttempts = defaultAttempts }: DecideOptions, budget: WorkBudget): WorkBudget {
  return new WorkBudget({ steps: maxAttempts * reasonsWorth * stepsOfTry, isOver: () => !budget.take(0) });
}

/** A change of the object, and the path that it concerns. */
export interface ObjectChange {
  /** JSON Pointer to an existing part of the object; empty for the whole object. */
  readonly path: string;
  /** The value at `path`, if it is a string, number or boolean. */
  readonly value?: string | number | boolean | undefined;
  /** The change in words; absent where none was found. */
  readonly text?: string;
  readonly flip?: DecisionChange;
}

/**
 * Searches the smallest change of the object that `accepts` approves of, on top of the changes found for earlier reasons. Where those suffice
 * already, it says so.
 */
export function changeOf(
  judged: Judged,
  accepts: (changed: JsonObject) => boolean,
  hints: readonly unknown[],
): ObjectChange {
  const { changed, options } = judged;
  const { maxAttempts = defaultAttempts } = options;
  const before = changed.object;
  if (maxAttempts === 0 || !judged.search.take(0)) return { path: "" };
  const tries = (changed.attempts ??= { left: maxAttempts * reasonsWorth });
  const tried = (each: JsonObject): boolean => {
    tries.left -= 1;
    return accepts(each);
  };
  const search = { hints, maxAttempts: Math.min(maxAttempts, Math.max(0, tries.left)) };
  const patch = before !== judged.object.value && accepts(before) ? [] : smallestChange(before, tried, search);
  if (patch === undefined) return { path: "" };
  // as: the patch changes members of an object
  changed.object = applyJsonPatch(before, patch) as JsonObject;
  const [first] = patch;
  const path = first === undefined ? "" : presentPath(before, first.path);
  const found = member(before, ...stepsOf(path));
  const value = typeof found === "object" || found === undefined ? undefined : (found as string | number | boolean); // as: JSON holds nothing else
  const text = patch.length === 0 ? "the change before this one is enough" : patch.map(inWords).join(", ");
  return { path, value, text, flip: { of: "object", patch } };
}

/** The longest part of a path that exists in the object. */
function presentPath(object: JsonObject, pointer: string): string {
  const steps = stepsOf(pointer);
  let depth = 0;
  while (depth < steps.length && member(object, ...steps.slice(0, depth + 1)) !== undefined) depth += 1;
  return pointer
    .split("/")
    .slice(0, depth + 1)
    .join("/");
}

function inWords(operation: PatchOperation): string {
  const { op, path } = operation;
  return op === "remove" ? `without ${path}` : `${path}: ${JSON.stringify(operation.value)}`;
}
