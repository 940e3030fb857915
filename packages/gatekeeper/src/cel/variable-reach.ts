import { CelLimitError, type CelValue } from "@plimsoll/cel";
import type { NamedExpression } from "./cel-policy.ts";

/**
 * What the value of a variable depends on. If only on the input, all policies that define it alike (`key`) share its value; if only on the
 * parameters, all evaluations do.
 */
export type Reach =
  | { readonly of: "subject"; readonly key: string }
  | { readonly of: "params" }
  | { readonly of: "both" };

/** The value or error of a variable, and its cost. All have the same object shape, because thousands are made for each review. */
export interface Settlement {
  /** Absent where it failed. */
  readonly value: CelValue | undefined;
  readonly error: unknown;
  /** Cost in CEL cost units, without that of the variables that it read. */
  readonly cost: number;
  /** The variables that it read; undefined for none. */
  readonly asked: readonly string[] | undefined;
}

/** Definitions with more variables behind them, or longer ones, are evaluated by each policy for itself. */
const mostBehind = 24;
const longestKey = 8_192;

const ofSubject: ReadonlySet<string> = new Set(["object", "oldObject", "request", "namespaceObject"]);

/** The reach of each variable. `reads` has no entry for expressions that do not compile. */
export function reachesOf(
  variables: readonly NamedExpression[],
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, Reach> {
  const definitions = new Map(variables.map(({ name, expression }) => [name, expression]));
  return new Map([...definitions.keys()].map((name) => [name, reachOf(name, definitions, reads)]));
}

function reachOf(
  name: string,
  definitions: ReadonlyMap<string, string>,
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): Reach {
  const both: Reach = { of: "both" };
  const behind = new Set([name]);
  let asksSubject = false;
  let asksParams = false;
  for (const each of behind) {
    const roots = reads.get(each);
    if (roots === undefined || behind.size > mostBehind) return both;
    for (const root of roots) {
      const [head = "", field] = root.split(".");
      if (head === "params") asksParams = true;
      else if (ofSubject.has(head)) asksSubject = true;
      else if (head !== "variables" || field === undefined || field === name || !definitions.has(field)) return both;
      else behind.add(field);
    }
  }
  if (asksParams) return asksSubject ? both : { of: "params" };
  const key = [...behind].map((each) => `${each}=${definitions.get(each) ?? ""}`).join("\0");
  return key.length > longestKey ? both : { of: "subject", key: sameText(key) };
}

const knownKeys = new Map<string, string>();
/** Keys have up to eight thousand characters: some megabytes in all. */
const mostKnown = 1_000;

/** The same text for equal ones: keys of several policies are looked up side by side, and equal texts that are not the same are compared in full. */
function sameText(key: string): string {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  if (knownKeys.size >= mostKnown) knownKeys.clear();
  knownKeys.set(key, key);
  return key;
}

/** Whether an error would occur again in other evaluations; an exhausted budget or stack would not. */
export function isOwnError(error: unknown): boolean {
  return !(error instanceof CelLimitError);
}
