/** The forms that planned code has. */

import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";

/** Variables of one activation of a rule; the first register holds what the rule collects into. */
export type Registers = unknown[];

/** Registers that hold nothing yet. */
export function emptyRegisters(size: number): Registers {
  const registers: Registers = [];
  for (let index = 0; index < size; index++) registers.push(undefined);
  return registers;
}

/** Gives the value of a term whose variables are bound; undefined when it has none. */
export type Evaluate = (context: Context, registers: Registers) => Value | undefined;

/** Whether a condition holds; may bind registers. */
export type Test = (context: Context, registers: Registers) => boolean;

/** Goes on with the rest of a body; true stops the search. */
export type Run = (context: Context, registers: Registers) => boolean;

/** Goes on with a value. */
export type ValueRun = (context: Context, registers: Registers, value: Value) => boolean;

/** A part of a body: a condition, or something that may hold in several ways. */
export type Item =
  | { readonly kind: "test"; readonly test: Test }
  | { readonly kind: "each"; readonly bind: (next: Run) => Run };

/** Puts the parts of a body together. */
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

/** The end of a body that only asks whether it can hold. */
export const found: Run = () => true;
