/** The forms that planned code has. */

import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";

/** The variables of one activation of a rule; the first register holds the collection that the rule adds to. */
export type Registers = unknown[];

/** Registers without values, by how many they are. */
const blanks: Registers[] = [];
const mostBlank = 64;

/** Registers without values. A copy has the right size at once, where an array that grows is made several times. */
export function emptyRegisters(size: number): Registers {
  if (size >= mostBlank) return blank(size);
  for (let made = blanks.length; made <= size; made++) blanks.push(blank(made));
  return (blanks[size] as Registers).slice(); // as: all up to this size are there
}

function blank(size: number): Registers {
  return Array.from({ length: size }, () => undefined);
}

/** Evaluates a term whose variables are bound; undefined when it has no value. */
export type Evaluate = (context: Context, registers: Registers) => Value | undefined;

/** Evaluates several terms; undefined when one has no value. */
export type EvaluateAll = (context: Context, registers: Registers) => readonly Value[] | undefined;

/** The values of terms, as arguments of a call. Most calls have few: an array that is written out takes no more room than it needs. */
export function valuesOf(terms: readonly Evaluate[]): EvaluateAll {
  const [a, b, c] = terms as [Evaluate, Evaluate, Evaluate]; // as: those that there are by the length are called
  switch (terms.length) {
    case 1:
      return (context, registers) => {
        const first = a(context, registers);
        return first === undefined ? undefined : [first];
      };
    case 2:
      return (context, registers) => {
        const first = a(context, registers);
        if (first === undefined) return undefined;
        const second = b(context, registers);
        return second === undefined ? undefined : [first, second];
      };
    case 3:
      return (context, registers) => {
        const first = a(context, registers);
        if (first === undefined) return undefined;
        const second = b(context, registers);
        if (second === undefined) return undefined;
        const third = c(context, registers);
        return third === undefined ? undefined : [first, second, third];
      };
    default:
      return (context, registers) => {
        const values: Value[] = [];
        for (const term of terms) {
          const value = term(context, registers);
          if (value === undefined) return undefined;
          values.push(value);
        }
        return values;
      };
  }
}

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
  let tests: Test[] = [];
  for (const item of items.toReversed()) {
    if (item.kind === "test") {
      tests.unshift(item.test);
      continue;
    }
    next = item.bind(sequence(tests, next));
    tests = [];
  }
  return sequence(tests, next);
}

function sequence(tests: readonly Test[], next: Run): Run {
  // After the last test nothing is left to do.
  if (next === found && tests.length > 1) return sequence(tests.slice(0, -1), tests.at(-1) as Test); // as: there are two
  const [a, b, c] = tests as [Test, Test, Test]; // as: those that there are by the length are called
  switch (tests.length) {
    case 0:
      return next;
    case 1:
      return next === found ? a : (context, registers) => a(context, registers) && next(context, registers);
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
