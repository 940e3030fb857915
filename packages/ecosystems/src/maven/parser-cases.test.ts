import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sharedPath, testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { maven } from "./index.ts";

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

const published = sharedPath("conformance/parsers/java/pom-repository");

/** The repository against which the cases resolve, as the local one of a tree. */
const repository: readonly (readonly [string, Uint8Array])[] =
  published === undefined
    ? []
    : readdirSync(published, { recursive: true, withFileTypes: true }).flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile()
          ? [[`.m2/repository${path.slice(published.length)}`, new Uint8Array(readFileSync(path))]]
          : [];
      });

const poms: Pick<ParserCaseSuite, "analyzers" | "ignore"> = {
  analyzers,
  // They leave out what only tests use, or what somebody else provides; here it is marked. Neighbours but modules speak for themselves.
  ignore: ({ scope }, { entry }, path) =>
    scope !== undefined || !(path === entry[0] || path === "pom.xml" || /\/module[^/]*\//.test(path)),
};

testParserCases({
  ...poms,
  folder: "java/pom",
  // A parent or a module is found beside the POM; what is offline has no repository.
  beside: ({ files, options }) => [...files, ...(options["offline"] === true ? [] : repository)],
  deviations: {
    "trivy-testpom-parse-remote-repository-returns-429-too-many-requests":
      "nothing is fetched, so that no repository can refuse; what the file itself says is kept",
  },
});
testParserCases({ ...poms, folder: "java/pomxml", as: () => "pom.xml" });
testParserCases({ ...poms, folder: "java/analyzer-pom" });
testParserCases({ folder: "java/analyzer-gradle", analyzers });
testParserCases({
  folder: "java/cataloger",
  analyzers,
  as: (path) => path.slice(path.lastIndexOf("/") + 1),
  // Syft leaves the group out of the name.
  expected: (pkg) => ({ ...pkg, name: `${groupOf(pkg.metadata)}:${pkg.name}` }),
});

function groupOf(metadata: Readonly<Record<string, unknown>> = {}): string {
  const coordinates = metadata["pomProject"] ?? metadata["pomProperties"];
  return String((coordinates as { readonly groupID?: unknown } | undefined)?.groupID ?? "");
}
