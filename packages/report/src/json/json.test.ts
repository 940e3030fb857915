import { sampleReport, testReporter } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { json } from "./index.ts";

const render = (report = sampleReport): string => [...json().render(report)].join("");

testReporter(json(), {
  // Absent and undefined are the same to JSON; the order of the lists is canonical in these reports.
  validate: (text, report) => expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report))),
});

test("the report comes back as it went in", () => {
  expect(JSON.parse(render())).toEqual(sampleReport);
});

test("keys are in the order of the contract, whatever their order was", () => {
  const reversed = JSON.parse(JSON.stringify(sampleReport), (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as typeof sampleReport;

  expect(render(reversed)).toBe(render());
  expect(Object.keys(JSON.parse(render()) as object)).toEqual([
    "schemaVersion",
    "tool",
    "artifact",
    "advisories",
    "packages",
    "vulnerabilities",
    "suppressed",
    "coverage",
    "diagnostics",
  ]);
});

test("keys that this version does not know are kept", () => {
  const extended = { ...sampleReport, tool: { ...sampleReport.tool, commit: "abc" } };

  expect(JSON.parse(render(extended))).toEqual(extended);
});

test("no key for a list means that nobody looked", () => {
  const { vulnerabilities: _, ...unasked } = sampleReport;

  expect(Object.keys(JSON.parse(render(unasked)) as object)).not.toContain("vulnerabilities");
});
