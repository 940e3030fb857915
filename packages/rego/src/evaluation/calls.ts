/** Calls of built-in functions: their failures become errors with a place, or undefined. */

import { BuiltinError, RefusedBuiltin, type Builtin } from "../builtins/builtin.ts";
import { textOf, type Span } from "../syntax/ast.ts";
import { issueAt, RegoError, type RegoIssue } from "../syntax/errors.ts";
import { isArray, RegoSet, type Value } from "../values/value.ts";
import { valuesOf, type Evaluate } from "./closures.ts";

/** How much a function may have to look at, where that is known at once. */
function sizeOf(args: readonly Value[]): number {
  let size = 0;
  for (const arg of args) {
    if (typeof arg === "string") size += arg.length;
    else if (typeof arg === "object" && arg !== null) {
      if (isArray(arg)) size += arg.length;
      else if (arg instanceof RegoSet) size += arg.size;
    }
  }
  return size;
}

/** A call of a built-in function with the terms of its arguments. */
export function invokeBuiltin(builtin: Builtin, inputs: readonly Evaluate[], span: Span): Evaluate {
  const { evaluate } = builtin;
  const argumentsIn = valuesOf(inputs);
  return (context, registers) => {
    const args = argumentsIn(context, registers);
    if (args === undefined) return undefined;
    context.meter.step(1 + (sizeOf(args) >> 8));
    try {
      return evaluate(args, context);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      const ends = context.strict || error instanceof RefusedBuiltin;
      if (!ends && context.onBuiltinError === undefined) return undefined;
      const issue: RegoIssue = {
        ...issueAt(error.code, `${builtin.name}: ${error.message}`, span),
        ...(span.source.path === "" ? { expression: textOf(span) } : {}),
      };
      if (ends) throw new RegoError([issue]);
      context.onBuiltinError?.(issue);
      return undefined;
    }
  };
}
