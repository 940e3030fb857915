import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { isToken, mavenPackage } from "./coordinates.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  dependencies: shape.list(
    shape.fields({
      org: shape.text,
      name: shape.text,
      version: shape.text,
      configurations: shape.list(shape.text),
    }),
  ),
});

/** `build.sbt.lock` of sbt-dependency-lock. */
export const sbtLock: FileAnalyzer = parsedFile({
  id: "maven/sbt-lock",
  revision: 3,
  evidence: "declared",
  matches: [{ suffix: ".sbt.lock" }],
  sign: /"lockVersion"\s*:\s*\d/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document.value, lockShape, document.lineOf);
    for (const item of listOf(recordOf(document.value)["dependencies"])) {
      const { org, name, version, configurations } = recordOf(item);
      const [group, artifact, release] = [textOf(org), textOf(name), textOf(version)];
      if (!isToken(group) || !isToken(artifact) || !isToken(release)) continue;
      const used = textsOf(configurations);
      const forTests = used.length > 0 && used.every((configuration) => configuration === "test");
      const line = document.lineOf(item);
      yield {
        kind: "package",
        package: mavenPackage({ group, artifact, version: release }, forTests ? { scope: "dev" } : {}),
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});
