/**
 * The Common Expression Language, with Kubernetes' library and bounded cost: an expression and data in, a value out.
 * @module
 * @example
 * import { compile } from "@plimsoll/cel";
 * const program = compile("object.spec.replicas <= 5", { variables: { object: "dyn" } });
 * console.log(program.evaluate({ object: { spec: { replicas: 3 } } })); // true
 */

// Compiling and evaluating
export { compile } from "./compile.ts";
export type { Activation, CelProgram, CompileOptions, EvaluateOptions, EvaluationLimits } from "./compile.ts";
export { CelBudget } from "./evaluation.ts";
export { CelCompileError, CelEvaluationError, CelLimitError } from "./cel-error.ts";
export type { CelIssue, CelPosition } from "./cel-error.ts";

// Values
export {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  fromNative,
  lazyMap,
  toNative,
} from "./values.ts";
export { toJson } from "./json-value.ts";
export type { CelList, CelMap, CelObject, CelValue } from "./values.ts";

// Functions
export { method, overload } from "./functions/define.ts";
export type { ArgumentOf, CelCall, CelFunction } from "./functions/define.ts";
export { kubernetesFunctions } from "./functions/kubernetes/index.ts";
export { authorizer, resourceCheck } from "./functions/kubernetes/authorizer.ts";
export type { AuthorizationAnswer, AuthorizationQuery } from "./functions/kubernetes/authorizer.ts";
export type { CelType } from "./type-terms.ts";
