import fc from "fast-check";
import { expect, test } from "vitest";
import { stableJson, stableJsonSteps, streamObject } from "./json-text.ts";

/** Names of members that engines do not put in front of others, as they do numbers. */
const values = fc.object({
  key: fc.string().filter((key) => !/^\d/.test(key)),
  values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined)],
});

test("a document in pieces is what the engine writes of it as a whole", () => {
  const member = fc.oneof(
    values,
    fc.array(values, { minLength: 30, maxLength: 40 }),
    fc.dictionary(fc.string({ minLength: 3 }), fc.nat(), { maxKeys: 50 }),
  );
  fc.assert(
    fc.property(
      fc.record({
        a: member,
        b: fc.record({ c: fc.record({ d: member }) }),
        e: fc.array(fc.record({ f: member }), { maxLength: 3 }),
      }),
      (value) => {
        // Characters that act on a terminal are escapes, which are tried elsewhere.
        expect(JSON.parse([...streamObject(value)].join(""))).toEqual(JSON.parse(JSON.stringify(value)));
        const plain = JSON.stringify(value, undefined, 2);
        if (!/[\u007f-\uffff#]/.test(plain)) expect([...streamObject(value)].join("")).toBe(`${plain}\n`);
      },
    ),
    { numRuns: 50 },
  );
});

test("JSON with sorted keys is the same in parts", () => {
  const list = fc.array(fc.oneof(values, fc.constant(undefined)), { minLength: 15, maxLength: 40 });
  const content = fc.array(
    fc.oneof(fc.dictionary(fc.string(), fc.oneof(list, values, fc.constant(undefined))), list, fc.string()),
  );
  fc.assert(
    fc.property(content, (value) => {
      expect([...stableJsonSteps(value)].join("")).toBe(stableJson(value));
    }),
    { numRuns: 50 },
  );
});

test("no part of it is a list of packages", () => {
  const packages = Array.from({ length: 1_000 }, (_, at) => ({ name: `package ${at}` }));
  const lengths = [...stableJsonSteps(["cyclonedx", { packages }])].map((part) => part.length);

  expect(Math.max(...lengths)).toBeLessThan(1_000);
});
