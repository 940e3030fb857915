import { CelEvaluationError, CelLimitError } from "./cel-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { typeName, type CelValue } from "./values.ts";

/** A piece of an expression, ready to run. */
export type Step = (evaluation: Evaluation) => CelValue;

/** @throws {CelEvaluationError} for what is no bool. */
export function asBool(value: CelValue, name: string): boolean {
  if (typeof value !== "boolean") throw new CelEvaluationError(`no such overload: ${name}(${typeName(value)})`);
  return value;
}

/** An error that another operand or element may outweigh. What is no failure of an expression is thrown on. */
export function absorbed(error: unknown): CelEvaluationError {
  if (error instanceof CelEvaluationError && !(error instanceof CelLimitError)) return error;
  throw error;
}
