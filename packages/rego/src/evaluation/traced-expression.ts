/** What a trace tells of an expression: its text, with the values that its variables have, and what became of it. */

import { locationOf, textOf, type Expression, type Location, type Span } from "../syntax/ast.ts";
import { walkBody } from "../syntax/visit.ts";
import { termText } from "../values/text.ts";
import type { Value } from "../values/value.ts";
import { paidBy } from "../values/work.ts";
import { assemble, type Item, type Registers, type Run } from "./closures.ts";
import type { Context } from "./context.ts";
import { Meter } from "./limits.ts";
import type { BegunEvent } from "./trace.ts";

/** A variable that stands in the text of an expression, and has a value before it is evaluated. */
export interface ShownVariable {
  /** Where its name begins and ends in the file. */
  readonly start: number;
  readonly end: number;
  readonly slot: number;
}

/** What a trace tells of an expression. */
export interface Tellable {
  readonly text: string;
  readonly location: Location;
  readonly span: Span;
  readonly resolve: (registers: Registers) => string;
  readonly isGenerated: boolean;
  readonly hasBody: boolean;
}

/** What a trace tells of an expression in which these variables have values. */
export function tellable(expression: Expression, shown: readonly ShownVariable[]): Tellable {
  const { span } = expression;
  return {
    text: textOf(span).trim().replaceAll(/\s+/g, " "),
    location: locationOf(span),
    span,
    resolve: (registers) => withValues(span, shown, registers),
    isGenerated: expression.generated === true,
    hasBody: opensBody(expression),
  };
}

/** Runs the parts of an expression, then `next`, and tells the tracer when it begins, fails, and is tried again. */
export function tracedRun(inner: readonly Item[], next: Run, told: Tellable): Run {
  const { text, location, span, resolve, isGenerated, hasBody } = told;
  const begun = (kind: "evaluate" | "part", { tracer, meter: { depth } }: Context, registers: Registers): void => {
    const resolved = (): string => resolve(registers);
    const event: BegunEvent = { kind, depth, text, location, span, resolved, activation: registers, hasBody };
    tracer?.event(event);
  };
  if (isGenerated) {
    const plain = assemble(inner, next);
    return (context, registers) => {
      begun("part", context, registers);
      return plain(context, registers);
    };
  }
  const run = assemble(inner, (context, registers) => {
    context.held = true;
    const stop = next(context, registers);
    context.tracer?.event({ kind: "redo", depth: context.meter.depth, text, location });
    return stop;
  });
  return (context, registers) => {
    const { depth } = context.meter;
    begun("evaluate", context, registers);
    const outer = context.held;
    context.held = false;
    const stop = run(context, registers);
    if (!context.held) context.tracer?.event({ kind: "fail", depth, text, location });
    context.held = outer || context.held;
    return stop;
  };
}

function opensBody(expression: Expression): boolean {
  if (expression.negated || (expression.kind !== "term" && expression.kind !== "call")) return true;
  let found = false;
  walkBody([expression], {
    term: (term) => {
      if (term.kind === "comprehension") found = true;
      return found;
    },
  });
  return found;
}

/** The longest value that is shown in the place of its variable. */
const longestShown = 80;

/** A value as text, where it is short: values have parts in common, and may be beyond measure as texts. */
function briefText(value: Value): string | undefined {
  const meter = new Meter({ steps: 1000, depth: 512, milliseconds: Infinity, bytes: 1024 }, () => 0);
  try {
    const text = paidBy(meter, () => termText(value));
    return text.length > longestShown ? undefined : text;
  } catch {
    // Too large, or too deep: its name stays.
    return undefined;
  }
}

/** The text of an expression with values in the places of its variables. */
function withValues(span: Span, shown: readonly ShownVariable[], registers: Registers): string {
  const { text } = span.source;
  let written = "";
  let at = span.start;
  for (const { start, end, slot } of shown) {
    const value = registers[slot] as Value | undefined; // as: registers of variables hold values
    if (start < at || value === undefined || !/^\w+$/.test(text.slice(start, end))) continue;
    const shownValue = briefText(value);
    if (shownValue === undefined) continue;
    written += text.slice(at, start) + shownValue;
    at = end;
  }
  return written + text.slice(at, span.end);
}
