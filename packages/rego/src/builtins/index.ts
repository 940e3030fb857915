/** All built-in functions, by name. */

import { aggregateBuiltins } from "./aggregates.ts";
import { argumentNames } from "./argument-names.ts";
import { arrayBuiltins } from "./arrays.ts";
import type { Builtin } from "./builtin.ts";
import { certificateBuiltins } from "./certificates.ts";
import { comparisonBuiltins } from "./comparison.ts";
import { encodingBuiltins } from "./encoding.ts";
import { hashBuiltins } from "./hashes.ts";
import { numberBuiltins } from "./numbers.ts";
import { objectBuiltins } from "./objects.ts";
import { regexBuiltins } from "./regex.ts";
import { unitBuiltins } from "./units.ts";
import { semverBuiltins } from "./semver.ts";
import { networkBuiltins } from "./network.ts";
import { graphBuiltins } from "./graphs.ts";
import { uuidBuiltins } from "./uuids.ts";
import { globBuiltins } from "./globs.ts";
import { jsonPatchBuiltins } from "./json-patch.ts";
import { jsonSchemaBuiltins } from "./json-schemas.ts";
import { jwtBuiltins } from "./jwt.ts";
import { templateBuiltins } from "./templates.ts";
import { privateKeyBuiltins } from "./private-keys.ts";
import { refusingBuiltins } from "./refused.ts";
import { stringBuiltins } from "./strings.ts";
import { syntaxBuiltins } from "./syntax-trees.ts";
import { timeBuiltins } from "./time.ts";
import { typeBuiltins } from "./type-tests.ts";

/** OPA's built-in functions, without those that are refused. */
export const standardBuiltins: ReadonlyMap<string, Builtin> = new Map(
  [
    ...comparisonBuiltins,
    ...numberBuiltins,
    ...aggregateBuiltins,
    ...arrayBuiltins,
    ...objectBuiltins,
    ...stringBuiltins,
    ...typeBuiltins,
    ...hashBuiltins,
    ...refusingBuiltins,
    ...templateBuiltins,
    ...jsonSchemaBuiltins,
    ...certificateBuiltins,
    ...privateKeyBuiltins,
    ...syntaxBuiltins(() => new Set(standardBuiltins.keys())),
    ...jwtBuiltins,
    ...jsonPatchBuiltins,
    ...globBuiltins,
    ...uuidBuiltins,
    ...graphBuiltins,
    ...networkBuiltins,
    ...semverBuiltins,
    ...unitBuiltins,
    ...encodingBuiltins,
    ...timeBuiltins,
    ...regexBuiltins,
  ].map((each) => [each.name, { ...each, names: argumentNames(each.name) }]),
);
