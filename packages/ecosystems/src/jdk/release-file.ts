import { applicationCpe } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parseAssignments } from "../shared/reading/assignments.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/**
 * The `release` file in the home of a JDK or JRE (JEP 223 and the builds' own practice): `KEY="value"` lines. Other tools
 * leave files of that name too; those without `JAVA_VERSION` are not meant.
 */
export const releaseFile: FileAnalyzer = {
  kind: "file",
  id: "jdk/release",
  revision: 2,
  matches: [{ basename: "release" }],
  maxBytes: 64 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const values = parseAssignments(await file.text());
    const javaVersion = values.get("JAVA_VERSION");
    if (javaVersion === undefined) return;
    if (javaVersion === "") return yield malformedFile(file, "JAVA_VERSION is empty");
    const implementor = values.get("IMPLEMENTOR") ?? "";
    const isOracle = implementor === "Oracle Corporation" && values.get("BUILD_TYPE") === "commercial";
    const product = isOracle ? "jdk" : "openjdk";
    const version = values.get("JAVA_RUNTIME_VERSION") ?? javaVersion;
    yield {
      kind: "package",
      package: {
        name: product,
        version,
        ...(implementor === "" ? {} : { supplier: implementor }),
        cpes: [applicationCpe("oracle", product, javaVersion)],
        facts: { javaVersion },
      },
    };
  },
};
