import type { VersionScheme } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { sharedTable } from "./shared-data.ts";

const operators: Record<string, (order: number) => boolean> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">=": (order) => order >= 0,
  ">": (order) => order > 0,
};

export interface VersionTableSuite {
  /** Name of the tables: `conformance/versions/<name>.csv` and `conformance/ranges/<name>.csv`. */
  readonly table: string;
  /** Rows whose statement the scheme does not share, by a test on them, with the reason. Each must leave out something. */
  readonly except?: readonly {
    readonly reason: string;
    readonly row: (row: Readonly<Record<string, string>>) => boolean;
  }[];
}

/** Checks a scheme against every row of the shared tables of its name; skipped when they are absent. */
export function testVersionTables(scheme: VersionScheme, suite: VersionTableSuite): void {
  const pairs = sharedTable(`conformance/versions/${suite.table}.csv`);
  const ranges = sharedTable(`conformance/ranges/${suite.table}.csv`);
  const valid = sharedTable("conformance/versions-valid.csv")?.filter((row) => row["scheme"] === suite.table);
  const shared = (row: Readonly<Record<string, string>>): boolean =>
    suite.except?.every((exception) => !exception.row(row)) !== false;

  describe.skipIf(pairs === undefined)(`shared tables of ${suite.table}`, () => {
    test("agree on the order of every pair", () => {
      const wrong = pairs?.filter(shared).filter(({ a = "", b = "", op = "" }) => {
        const order = scheme.compare(a, b);
        return order === undefined || operators[op]?.(order) !== true;
      });
      expect(wrong).toEqual([]);
      expect(pairs?.length).toBeGreaterThan(0);
    });

    test.skipIf(ranges === undefined)("agree on every range", () => {
      const wrong = ranges
        ?.filter(shared)
        .filter(
          ({ version = "", constraint = "", satisfied }) => String(scheme.satisfies(version, constraint)) !== satisfied,
        );
      expect(wrong).toEqual([]);
      expect(ranges?.length).toBeGreaterThan(0);
    });

    test.skipIf(valid === undefined || valid.length === 0)("agree on what a version is", () => {
      const wrong = valid?.filter(
        ({ version = "", valid: expected }) => expected !== "unknown" && String(scheme.isValid(version)) !== expected,
      );
      expect(wrong).toEqual([]);
    });

    test.each(suite.except ?? [])("still needs its exception: $reason", ({ row }) => {
      expect([...(pairs ?? []), ...(ranges ?? [])].some(row)).toBe(true);
    });
  });
}
