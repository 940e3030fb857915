/** The forms that planned code has. */

import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";

/** The variables of one activation of a rule; the first register holds the collection that the rule adds to. */
export type Registers = unknown[];

/** Registers without values. */
export function emptyRegisters(size: number): Registers {
  const registers: Registers = [];
  for (let index = 0; index < size; index++) registers.push(undefined);
  return registers;
}

/** Evaluates a term whose variables are bound; undefined when it has no value. */
export type Evaluate = (context: Context, registers: Registers) => Value | undefined;

/** Whether a condition holds; may bind registers. */
export type Test = (context: Context, registers: Registers) => boolean;

/** Evaluates the rest of a body; returns true to stop the search. */
export type Run = (context: Context, registers: Registers) => boolean;

/** Evaluates the rest of a body with a value; returns true to stop the search. */
export type ValueRun = (context: Context, registers: Registers, value: Value) => boolean;

/** A part of a body: a condition, or an expression that can be true with several bindings. */
export type Item =
  | { readonly kind: "test"; readonly test: Test }
  | { readonly kind: "each"; readonly bind: (next: Run) => Run };

/** Combines the parts of a body into one function. */
export function assemble(items: readonly Item[], last: Run): Run {
  let next = last;
  for (let index = items.length - 1; index >= 0;) {
    const item = items[index] as Item;
    if (item.kind === "each") {
      next = item.bind(next);
      index--;
      continue;
    }
    let first = index;
    while (first > 0 && items[first - 1]?.kind === "test") first--;
    next = sequence(
      items.slice(first, index + 1).map((each) => (each as { test: Test }).test),
      next,
    );
    index = first - 1;
  }
  return next;
}

function sequence(tests: readonly Test[], next: Run): Run {
  const [a, b, c] = tests as [Test, Test, Test];
  switch (tests.length) {
    case 1:
      return (context, registers) => a(context, registers) && next(context, registers);
    case 2:
      return (context, registers) => a(context, registers) && b(context, registers) && next(context, registers);
    case 3:
      return (context, registers) =>
        a(context, registers) && b(context, registers) && c(context, registers) && next(context, registers);
    default:
      return (context, registers) => {
        for (const test of tests) if (!test(context, registers)) return false;
        return next(context, registers);
      };
  }
}

/** The end of a body of which only one solution is needed. */
export const found: Run = () => true;
