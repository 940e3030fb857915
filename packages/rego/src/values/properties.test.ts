import fc from "fast-check";
import { expect, test } from "vitest";
import { compileModules } from "../index.ts";
import { parseQuery } from "../syntax/modules.ts";
import { printExpression } from "../syntax/print.ts";
import { numberFromText } from "./number.ts";
import { termText } from "./text.ts";
import { compareValues, equalValues, hashKey, RegoObject, RegoSet, type Value } from "./value.ts";

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, true, false),
  // Others are escaped as Go escapes them, which Rego does not read.
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.bigInt().map((value) => numberFromText(value.toString())),
  fc.tuple(fc.integer(), fc.nat(999)).map(([whole, part]) => numberFromText(`${whole}.${part}`)),
);

/** Values of all kinds, sets and objects with any keys included. */
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 4 }).map((members) => RegoSet.of(members)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => RegoObject.of(entries)),
  ),
}));

test("the text of a value is a term that has that value, and is written as before", () => {
  const policies = compileModules([]);
  fc.assert(
    fc.property(value, (each) => {
      const text = termText(each);
      const held = policies.queryText(`x := ${text}`);
      expect(held).toBe(policies.queryText("x := input", { input: each }));
      const [expression] = parseQuery(text, "v1");
      expect(printExpression(expression as never)).toBe(
        printExpression(parseQuery(printExpression(expression as never), "v1")[0] as never),
      ); // as: a term is one expression
    }),
    { numRuns: 300 },
  );
});

test("values are ordered, found equal and hashed by one rule", () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const order = compareValues(a, b);
      expect(Math.sign(compareValues(b, a)) + Math.sign(order)).toBe(0);
      expect(equalValues(a, b)).toBe(order === 0);
      expect(hashKey(a) === hashKey(b)).toBe(order === 0);
      if (order <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 500 },
  );
});
