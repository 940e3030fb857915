import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mavenVersions } from "./versions.ts";

const qualifier = fc.constantFrom(
  "alpha",
  "beta",
  "milestone",
  "rc",
  "snapshot",
  "sp",
  "final",
  "ga",
  "release",
  "jre",
  "x",
  "",
);
// Maven's own order is not transitive for qualifiers between dots ("1.sp.1"); what people write is.
const arbitrary = fc
  .tuple(
    fc.array(fc.oneof(fc.nat(30).map(String), fc.stringMatching(/^\d{1,25}$/)), { minLength: 1, maxLength: 4 }),
    qualifier,
    fc.constantFrom("", "1", "-1", "2", "11", "0"),
  )
  .map(([numbers, word, count]) => numbers.join(".") + (word === "" ? "" : `-${word}${count}`));

testVersionScheme(mavenVersions, {
  ordered: [
    "1+1 < 1.1",
    "1.a..1 = 1.a.0.1",
    "1-a.1 > 1-alpha.1",
    "ga-1 < 1",
    "1.0 = 1-0",
    "1-0-1 < 1-1",
    "1-ga-1 = 1-1",
    "1.x < 1-1",
    "1-1 < 1.1",
    "1..1 = 1.0.1",
    "1.a1 = 1.alpha-1",
    "1a > 1alpha",
    "1-1.1 > 1-1",
    "1.0.x < 1.0.1",
    "1--1 = 1-0-1",
    "1-.1 = 1-0.1",
    "2.0-1.0 = 2.0-1",
    "1.0.0-0.ga = 1",
    "# maven-artifact, ComparableVersionTest and the POM reference",
    "1 = 1.0",
    "1 = 1-ga",
    "1-alpha < 1-beta",
    "1-beta < 1-milestone",
    "1-milestone < 1-rc",
    "1-rc = 1-cr",
    "1-rc < 1-snapshot",
    "1-SNAPSHOT < 1",
    "1 < 1-sp",
    "1-sp < 1-abc",
    "1-abc < 1-1",
    "1-1 < 1.1",
    "1-a1 = 1-alpha-1",
    "1x = 1-x",
    "2.0.1-xyz > 2.0.1",
    "1.0.0.RELEASE = 1",
    "99999999999999999999 < 100000000000000000000",
    "2.414.2 < 2.414.2-cb-5",
    "31.1-android < 31.1-jre",
  ],
  invalid: ["", " ", "${project.version}", "1/2", "[1,2)", "1 2"],
  arbitrary,
});

testVersionTables(mavenVersions, {
  table: "maven",
  except: [
    {
      reason: "0 before everything is OSV's convention",
      row: ({ a, op, b }) => a === "0" && op === "<" && b?.startsWith("alpha") === true,
    },
    {
      reason: "Maven orders builds for Java versions after the plain one, as 78 other rows say",
      row: ({ op, b, source }) => op === "=" && /\.j(re|dk)\d+$/.test(b ?? "") && source?.startsWith("grype:") === true,
    },
    {
      reason:
        "a bare version is a wish in a POM, which any version meets, but an equality in advisories, and those are read here",
      row: ({ grammar, constraint, version }) =>
        grammar === "maven-brackets" && constraint === "1.0" && version === "0.1",
    },
  ],
});

test.each([
  ["1.5", "[1.0,2.0)", true],
  ["2.0", "[1.0,2.0)", false],
  ["1.2", "(,1.0],[1.2,)", true],
  ["1.1", "(,1.0],[1.2,)", false],
  ["1.0", "[1.0]", true],
  ["1.0", "[1.0", undefined],
  ["${v}", "[1.0,)", undefined],
  ["1.5", ">= 1.0, <2.0 || => 3.0", true],
])("%s in %s is %s", (version, range, expected) => {
  expect(mavenVersions.satisfies(version, range)).toBe(expected);
});

const library = "/usr/share/maven/lib";
const hasJava = spawnSync("java", ["-version"]).status === 0;
const jars =
  hasJava && existsSync(library)
    ? readdirSync(library).filter((name) => /^(maven-artifact|commons-lang3|plexus-utils)-/.test(name))
    : [];

if (jars.length === 0) console.warn("no Java with Maven's libraries here: versions are not compared with Maven itself");

describe.skipIf(jars.length === 0)("Maven itself", () => {
  test("orders versions the same", () => {
    // The installed Maven may be one that reads "1-ga-1" otherwise.
    const versions = fc
      .sample(arbitrary, { numRuns: 300, seed: 1 })
      .filter((version) => !/final|ga|release/.test(version))
      .concat(["1.0-rc3", "1.0.0-M1", "r08", "1..2", "1.-2"]);
    const output = execFileSync(
      "java",
      [
        "-XX:TieredStopAtLevel=1",
        "-cp",
        jars.map((name) => `${library}/${name}`).join(":"),
        "org.apache.maven.artifact.versioning.ComparableVersion",
        ...versions,
      ],
      { encoding: "utf8" },
    );
    // It prints each version and, between them, how neighbours compare: "   1.0 < 1.1".
    const facts = [...output.matchAll(/^ +(\S+) ([<=>]+) (\S+)$/gm)];
    const wrong = facts.filter(([, a = "", operator, b = ""]) => {
      const order = mavenVersions.compare(a, b) ?? Number.NaN;
      return !(operator === "<" ? order < 0 : operator === ">" ? order > 0 : order === 0);
    });

    expect(wrong.map(([fact]) => fact.trim())).toEqual([]);
    expect(facts.length).toBe(versions.length - 1);
  });
});

test.each([
  ["1.5", " [1.0,2.0) ", true],
  ["1.5", "[ 1.0 , 2.0 )", true],
  ["1.5", "(1.5,2]", false],
  ["1.5", "[1.5,2]", true],
  ["1.5", "[1,1.5)", false],
  ["1.5", "[1,1.5]", true],
  ["1.5", "[1.5]", true],
  ["1.6", "[1.5]", false],
  ["1.5", "[3,4] , [1,2] ", true],
  ["1.5", "[3,4],[5,6]", false],
  ["1.5", "(,1.5]", true],
  ["1.5", "[1.5,)", true],
  ["1.5", "(,)", true],
  ["x/y", "[1,2]", undefined],
  ["1.5", "[1,2),x", undefined],
  ["1.5", "[x/y,2.0]", undefined],
  ["1.5", "[1.0,x/y]", undefined],
  ["1.5", "[3,4),[x/y,2]", undefined],
  ["1.5", "[x/y,2],[1,2]", true],
  ["1.5", "[1,2,3]", undefined],
  ["1.5", "[1.0", undefined],
  ["1.5", "[1,2);[3,4)", undefined],
  ["1.5", "=> 1.0", true],
  ["1.5", "=< 1.0", false],
  ["1.5", "=< 1.5", true],
  ["1.4", "=< 1.5", true],
  ["5", "[1,2](4,6)", true],
])("%s in %s: %s", (version, range, expected) => {
  expect(mavenVersions.satisfies(version, range)).toBe(expected);
});
