import { textLines } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isToken, mavenPackage } from "./coordinates.ts";

/**
 * `gradle.lockfile` and `buildscript-gradle.lockfile` (docs.gradle.org, "Locking dependency versions"):
 * `group:artifact:version=configurations`. Lines of another shape are passed over, as Gradle's own comments are.
 */
export const gradleLock: FileAnalyzer = parsedFile({
  id: "maven/gradle-lock",
  revision: 3,
  evidence: "declared",
  readsByEntries: true,
  language: "lines",
  matches: [{ suffix: "gradle.lockfile" }],
  sign: /^(?:empty=|[^\s:=#]+:[^\s:=]+:[^\s=]+=)/m,
  parse: textLines,
  *read(lines): Generator<Observation> {
    let number = 0;
    for (const line of lines) {
      number++;
      const cut = line.indexOf("=");
      const [group, artifact, version, ...rest] = line
        .slice(0, cut === -1 ? 0 : cut)
        .trim()
        .split(":");
      if (rest.length > 0 || !isToken(group) || !isToken(artifact) || !isToken(version)) continue;
      const configurations = line
        .slice(cut + 1)
        .trim()
        .split(",");
      yield {
        kind: "package",
        package: mavenPackage({ group, artifact, version }, isForTests(configurations) ? { scope: "dev" } : {}),
        line: number,
      };
    }
  },
});

/** Every configuration is one of tests or of the build itself. */
function isForTests(configurations: readonly string[]): boolean {
  return configurations.every(
    (name) => /^(?:test|androidTest|testFixtures|annotationProcessor)/.test(name) && name !== "",
  );
}
