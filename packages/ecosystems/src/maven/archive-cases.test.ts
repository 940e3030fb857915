import { readFileSync } from "node:fs";
import { observe, sharedPath, testParserCases, zipOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { jar } from "./jar.ts";

testParserCases({ folder: "java/analyzer-jar", analyzers: [jar] });

/** The published cases hold the manifest alone and say what the archive around it is called. */
const cases = [
  [
    "apache-axis-package-with-incorrect-artifact-and-group-id-and-space-in-",
    "axis",
    "axis.jar",
    "org.apache.axis:axis 1.4",
  ],
  [
    "test-combination-of-manifest-and-filename",
    "combine-manifest-filename",
    "ivy-2.4.0.jar",
    "org.apache.ivy:ivy 2.4.0",
  ],
  // Published as com.google.guava.failureaccess:failureaccess; Maven Central has it in the group com.google.guava.
  [
    "test-manifest-mf-with-symbolic-name",
    "manifest-symbolicname",
    "manifest-symbolicname.jar",
    "com.google.guava:failureaccess 1.0.1",
  ],
] as const;
const folder = sharedPath("conformance/parsers/java/archive");

describe.skipIf(folder === undefined)("published cases of java/archive", () => {
  test.each(cases)("%s", async (name, input, path, expected) => {
    const manifest = readFileSync(`${folder}/scalibr-testextract-${name}/input/${input}/MANIFEST.MF`);
    const { packages } = await observe(jar, path, zipOf({ "META-INF/MANIFEST.MF": manifest }));

    expect(packages.map((found) => `${found.name} ${found.version}`)).toEqual([expected]);
  });

  test("a file that is no archive is reported", async () => {
    const bytes = readFileSync(`${folder}/scalibr-testextract-not-a-valid-jar-file/input/not_jar`);

    expect((await observe(jar, "not.jar", bytes)).diagnostics).toHaveLength(1);
  });
});
