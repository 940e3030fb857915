/** Calls of built-in functions: their failures become errors with a place, or undefined. */

import { BuiltinError, RefusedBuiltin, type Builtin } from "../builtins/builtin.ts";
import type { Span } from "../syntax/ast.ts";
import { issueAt, RegoError } from "../syntax/errors.ts";
import type { Value } from "../values/value.ts";
import type { Evaluate } from "./closures.ts";

/** A call of a built-in function with the terms of its arguments. */
export function invokeBuiltin(builtin: Builtin, inputs: readonly Evaluate[], span: Span): Evaluate {
  const { evaluate } = builtin;
  return (context, registers) => {
    const args: Value[] = [];
    for (const input of inputs) {
      const value = input(context, registers);
      if (value === undefined) return undefined;
      args.push(value);
    }
    context.meter.step();
    try {
      return evaluate(args, context);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      if (!context.strict && !(error instanceof RefusedBuiltin)) return undefined;
      throw new RegoError([issueAt(error.code, `${builtin.name}: ${error.message}`, span)]);
    }
  };
}
