import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { maven } from "./index.ts";
import { pomFile } from "./pom.ts";

const { analyzers } = maven;

testParserCases({ folder: "java/gradlelockfile", analyzers, as: () => "gradle.lockfile" });
testParserCases({ folder: "gradle/lockfile", analyzers, as: () => "gradle.lockfile" });
testParserCases({
  folder: "java/gradleverificationmetadataxml",
  analyzers,
  as: () => "gradle/verification-metadata.xml",
});
testParserCases({ folder: "java/gradleversioncatalog", analyzers, as: () => "gradle/libs.versions.toml" });
testParserCases({ folder: "java/analyzer-sbt", analyzers });
testParserCases({
  folder: "sbt/lockfile",
  analyzers,
  as: () => "build.sbt.lock",
  // They leave out what only tests use; here it is marked.
  ignore: ({ scope }) => scope === "dev",
});

test("a POM names its project and what it asks for, with its own properties and management", async () => {
  const { packages } = await observe(
    pomFile,
    "pom.xml",
    `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><properties><v>2.5</v></properties>
      <dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>m</artifactId><version>3</version></dependency></dependencies></dependencyManagement>
      <dependencies><dependency><groupId>x</groupId><artifactId>p</artifactId><version>\${v}</version></dependency>
      <dependency><groupId>x</groupId><artifactId>m</artifactId><scope>test</scope></dependency>
      <dependency><groupId>x</groupId><artifactId>far</artifactId><version>\${elsewhere}</version></dependency></dependencies></project>`,
  );

  expect(packages.map(({ name, version, scope }) => `${name}@${version} ${scope ?? ""}`.trim())).toEqual([
    "g:a@1",
    "x:p@2.5",
    "x:m@3 dev",
    "x:far@",
  ]);
});
