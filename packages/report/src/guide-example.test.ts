import { rmSync } from "node:fs";
import { followGuide } from "@plimsoll/testkit";
import { afterAll, expect, test } from "vitest";
import type { reporterFor as ReporterFor } from "./reporters.ts";
import { everyKindReport } from "@plimsoll/testkit";

// The guide to adding a report, done in a copy of this package.
const guide = followGuide("docs/adding-a-report.md", "report");
afterAll(() => rmSync(guide.folder, { recursive: true, force: true }));
const copy = await guide.load("reporters.ts");

test("the format of the guide touches one folder, and one line outside of it", () => {
  expect(guide.changed).toEqual(["example/index.ts", "format-registry.ts +1"]);
});

test("and is there by its name, as all formats are", () => {
  const reporterFor = copy["reporterFor"] as typeof ReporterFor;
  const text = [...reporterFor("example").render(everyKindReport)].join("");

  expect([...(copy["everyReporter"] as ReadonlyMap<string, unknown>).keys()]).toContain("example");
  expect(text.split("\n").length - 1).toBe(everyKindReport.vulnerabilities?.length);
});
