import { growthProblem } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Source } from "./ast.ts";
import { parseModule } from "./modules.ts";

test.each([
  ["texts", '"'],
  ["names", "name "],
])("twice as many errors in one line, of %s, are about twice the work", async (_, part) => {
  const errorsIn = (text: string): number => {
    try {
      parseModule("p.rego", text, { version: "v1", builtins: new Set() });
      return 0;
    } catch (error) {
      return (error as { errors: readonly unknown[] }).errors.length;
    }
  };

  // Counted first: what ran before has no counters.
  expect(await growthProblem((times) => errorsIn(part.repeat(2_000 * times)))).toBeUndefined();
  expect(errorsIn(part.repeat(1000))).toBeGreaterThan(100);
});

test("a column counts characters from the beginning of the line, and a pair is one", () => {
  const text = fc
    .array(fc.constantFrom("a", "\n", "\ud83d\ude00", "\ud83d", "\ude00", "é"))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.nat(60), (given, offset) => {
      const at = Math.min(offset, given.length);
      const before = given.slice(0, at);
      const line = before.slice(before.lastIndexOf("\n") + 1);
      const characters = line.replace(/[\udc00-\udfff]/g, "").length;

      expect(new Source("p.rego", given).locationOf(at)).toEqual({
        path: "p.rego",
        row: before.split("\n").length,
        column: characters + 1,
      });
    }),
  );
});
