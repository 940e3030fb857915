import { fuzzAnalyzers } from "@plimsoll/testkit";
import { maven } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "pom.xml",
  ".m2/repository/g/a/1/a-1.pom",
  "lib/any.jar",
  "gradle.lockfile",
  "gradle/libs.versions.toml",
  "gradle/verification-metadata.xml",
  "build.sbt.lock",
  "MODULE.bazel",
  "maven_install.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(maven.analyzers, input, paths);
}
