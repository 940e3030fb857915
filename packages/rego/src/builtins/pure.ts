/** The built-in functions whose results depend on nothing but their arguments. */

import { aggregateBuiltins } from "./aggregates.ts";
import { arrayBuiltins } from "./arrays.ts";
import type { Builtin } from "./builtin.ts";
import { comparisonBuiltins } from "./comparison.ts";
import { numberBuiltins } from "./numbers.ts";
import { objectBuiltins } from "./objects.ts";
import { regexBuiltins } from "./regex.ts";
import { semverBuiltins } from "./semver.ts";
import { stringBuiltins } from "./strings.ts";
import { typeBuiltins } from "./type-tests.ts";
import { unitBuiltins } from "./units.ts";

/** These are among them by their subject, and ask the environment or tell it something. */
const reachingOut = new Set([
  "internal.print",
  "print",
  "rand.intn",
  "rego.metadata.chain",
  "rego.metadata.rule",
  "trace",
]);

const pure: ReadonlySet<Builtin> = new Set(
  [
    ...aggregateBuiltins,
    ...arrayBuiltins,
    ...comparisonBuiltins,
    ...numberBuiltins,
    ...objectBuiltins,
    ...regexBuiltins,
    ...semverBuiltins,
    ...stringBuiltins,
    ...typeBuiltins,
    ...unitBuiltins,
  ].filter(({ name }) => !reachingOut.has(name)),
);

/** Whether a function's result depends only on its arguments. False for functions supplied by the caller, even if they replace a pure one. */
export function isPure(builtin: Builtin): boolean {
  return pure.has(builtin);
}
