import { rmSync } from "node:fs";
import { everyKindReport, followGuide } from "@plimsoll/testkit";
import { afterAll, expect, test } from "vitest";
import type { ignoreFile as IgnoreFile } from "./ignore-file.ts";
import { triage } from "./triage.ts";

// The guide to adding a dialect of ignore files, done in a copy of this package.
const guide = followGuide("docs/adding-an-ignore-dialect.md", "triage");
afterAll(() => rmSync(guide.folder, { recursive: true, force: true }));
const copy = await guide.load("ignore-file.ts");

test("the dialect of the guide touches one file, and one line outside of it", () => {
  expect(guide.changed).toEqual(["ignore-files/example.ts", "ignore-registry.ts +1"]);
});

test("reads its files and says what it could not read", () => {
  const ignoreFile = copy["ignoreFile"] as typeof IgnoreFile;
  const [first] = everyKindReport.vulnerabilities ?? [];
  const rule = ignoreFile(`${first?.id} because it is accepted\nCVE-1999-0001\n`, { name: ".exampleignore" });
  const { findings, suppressed, diagnostics } = triage(everyKindReport.vulnerabilities ?? [], [rule]);

  expect(suppressed.map(({ finding }) => finding.id)).toContain(first?.id);
  expect(findings.map(({ id }) => id)).not.toContain(first?.id);
  expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("line 2: it gives no reason")]);
});
