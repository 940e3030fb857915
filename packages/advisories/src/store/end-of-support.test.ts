import type { Advisory } from "@plimsoll/model";
import { expect, test } from "vitest";
import { memoryStore } from "./memory.ts";

function release(name: string, version: string, endOfLife: string): Advisory {
  const id = `EOL-${name}-${version}`;
  const entry = {
    advisory: id,
    namespace: "End of life",
    name,
    ranges: [],
    versions: [version],
    qualifiers: { endOfLife },
  };
  return { id, source: "end-of-life", aliases: [], severities: [], references: [], affected: [entry] };
}

const store = memoryStore([
  release("debian", "12", "2028-06-30"),
  release("sles", "15", "2031-07-31"),
  release("sles", "15.5", "2024-12-31"),
]);

test.each([
  ["debian", "12", "2028-06-30"],
  ["debian", "12.5", "2028-06-30"],
  ["debian", "123", undefined],
  ["debian", "", undefined],
  ["sles", "15.5", "2024-12-31"],
  ["sles", "15.6", "2031-07-31"],
  ["alpine", "3.20", undefined],
])("the support of %s %s ends on %s", async (distribution, version, expected) => {
  expect(await store.endOfSupport?.(distribution, version)).toBe(expected);
});

test("a store that knows no ends says none", async () => {
  expect(await memoryStore([]).endOfSupport?.("debian", "12")).toBeUndefined();
});
