import { expect, test } from "vitest";
import type { Expr } from "./ast.ts";
import type { Reference } from "./check.ts";
import type { CelEnvironment } from "./environment.ts";
import { parse } from "./parser.ts";
import { Planner } from "./plan.ts";

/** Counts how often an expression is planned: each time its reference is asked for. */
class CountedReferences extends Map<Expr, Reference> {
  asked = 0;
  override get(expr: Expr): Reference | undefined {
    this.asked += 1;
    return super.get(expr);
  }
}

const environment: CelEnvironment = {
  variables: undefined,
  functions: new Map(),
  container: "",
  construct: undefined,
  messageType: undefined,
  typeCheck: false,
};

test("paths within paths are planned once each", () => {
  const depth = 12;
  const references = new CountedReferences();

  new Planner(environment, references).plan(parse(`${"[".repeat(depth)}a${"].b.c".repeat(depth)}`), new Map());

  expect(references.asked).toBeLessThan(depth * 10);
});
