import type { AffectedPackage } from "@plimsoll/model";
import { expect, test } from "vitest";
import { packAdvisory, RecordError, unpackAdvisory } from "./record-codec.ts";

const head = ["osv", [], [], []];

function affectedOf(qualifiers: unknown): readonly AffectedPackage[] {
  return unpackAdvisory([...head, [["Go", "m", [], [], { q: qualifiers }]], {}], "A-1").affected;
}

test("qualifiers are stored as texts, as they were when they were texts everywhere, and are read from such stores", () => {
  const stored = {
    arch: "aarch64,x86_64",
    module: "nodejs:18",
    binaries: "libssl3",
    imports: '[{"path":"a/b","symbols":["F"]}]',
    customRanges: ">=0 <5 || >=6",
    urgency: "low",
  };

  const affected = affectedOf(stored);
  const [, , , , [[, , , , packed]]] = JSON.parse(
    packAdvisory({ id: "A-1", source: "osv", aliases: [], severities: [], references: [], affected }),
  );

  expect(affected[0]?.qualifiers).toEqual({
    arch: ["aarch64", "x86_64"],
    modules: ["nodejs:18"],
    binaries: ["libssl3"],
    imports: [{ path: "a/b", symbols: ["F"] }],
    customRanges: [">=0 <5", ">=6"],
    urgency: "low",
  });
  expect(packed).toEqual({ q: stored });
});

test.each([
  ["the plain build, which is of no module", { module: "" }, { modules: [] }],
  ["blanks between the values", { arch: "aarch64, s390x" }, { arch: ["aarch64", "s390x"] }],
  ["a name that a later writer may use", { later: "x" }, {}],
])("%s", (_, stored, expected) => {
  expect(affectedOf(stored)[0]?.qualifiers).toEqual(expected);
});

test.each([{ arch: ["x86_64"] }, { imports: "[" }, { imports: '["a/b"]' }, []])(
  "%j is damage, and said to be",
  (stored) => {
    expect(() => affectedOf(stored)).toThrow(RecordError);
  },
);
