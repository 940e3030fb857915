/**
 * Rego, the policy language of OPA: parser, compiler and bounded evaluator.
 *
 * @module
 */

export { compileModules, Policies, type CompileOptions, type QueryOptions, type QueryResult } from "./policies.ts";
export type { TestCase, TestResult, TestRule } from "./test-run.ts";
export {
  frameLine,
  issueText,
  RegoError,
  type IssueDetails,
  type RegoErrorCode,
  type RegoIssue,
  type StackFrame,
} from "./syntax/errors.ts";
export {
  formatDependencies,
  formatErrors,
  formatErrorsJson,
  formatResults,
  formatTable,
  goJson,
  parseJson,
  placeObject,
  resultFormats,
  type PresentedResult,
  type Problem,
  type ResultFormat,
  type ResultParts,
  type ResultTextOptions,
} from "./present.ts";
export { goDuration, Profile, profileOrders, type ProfiledExpression, type ProfileOrder } from "./profile.ts";
export { refusedBuiltins } from "./builtins/refused.ts";
export { RegoNumber } from "./values/number.ts";
export type { Location } from "./syntax/ast.ts";
export type { Limits } from "./evaluation/limits.ts";
export {
  Coverage,
  type CoveredPlace,
  type CoveredRange,
  type CoverageReport,
  type FileCoverage,
  type UnreachedRule,
} from "./evaluation/coverage.ts";
export { failuresOf, formatTrace, TraceBuffer, type TraceEvent, type Tracer } from "./evaluation/trace.ts";
export {
  asyncBuiltin,
  builtin,
  BuiltinError,
  type AsyncAnswer,
  type AsyncBuiltin,
  type Builtin,
  type BuiltinContext,
  type Environment,
  type RegoCrypto,
  type VerificationKey,
} from "./builtins/builtin.ts";
export { schemaName } from "./compiler/schema-types.ts";
export type { ModuleSource, Stage } from "./compiler/compile.ts";
export type { Declaration } from "./compiler/declarations.ts";
export type { Evaluate } from "./evaluation/closures.ts";
export type { RegoObject, Value } from "./values/value.ts";
export type { RegoVersion } from "./syntax/token-stream.ts";
