import {
  emptyReport,
  hostileReport,
  hostileTexts,
  sampleReport,
  testReporter,
  xmlProblem,
  xmlSchemaValidator,
} from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { junit } from "./index.ts";

const render = (report = sampleReport): string => [...junit().render(report)].join("");
const xsd = xmlSchemaValidator("conformance/schemas/junit/JUnit.xsd");

testReporter(junit(), { validate: (text) => expect(xmlProblem(text)).toBeUndefined() });

test.skipIf(xsd === undefined)("is valid by the schema", async () => {
  for (const report of [sampleReport, emptyReport, hostileReport(hostileTexts.join(" ")), hostileReport("")])
    expect(await xsd?.(render(report))).toEqual([]);
});

test("each finding is a failed test of its target's suite", () => {
  expect(render()).toContain(
    '<testcase name="[MEDIUM] CVE-2020-28928" classname="musl-1.1.22-r3" time="0">\n      <failure message="musl 1.1.22-r3: wcsnrtombs mishandles a buffer that is too small" type="vulnerability">Fixed in 1.1.22-r4\n',
  );
  expect(render()).toMatch(/name="npm packages" [^>]* tests="2" failures="2"/);
});

test("a run that could not look fails, one that looked and found nothing passes", () => {
  expect(render()).toMatch(/name="coverage" [^>]* tests="1" failures="1"/);
  expect(render(emptyReport)).not.toContain("<failure");
});
