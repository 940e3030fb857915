import { CelEvaluationError, CelLimitError } from "./cel-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { typeName, type CelValue } from "./values.ts";

/** A compiled part of an expression. */
export type Step = (evaluation: Evaluation) => CelValue;

/** The value, which must be a bool. @throws {CelEvaluationError} for any other type. */
export function asBool(value: CelValue, name: string): boolean {
  if (typeof value !== "boolean") throw new CelEvaluationError(`no such overload: ${name}(${typeName(value)})`);
  return value;
}

/** The error, if another operand or element can absorb it; otherwise it is thrown again. */
export function absorbed(error: unknown): CelEvaluationError {
  if (error instanceof CelEvaluationError && !(error instanceof CelLimitError)) return error;
  throw error;
}
