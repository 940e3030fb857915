import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({ projects: shape.list(shape.texts("version", "revision", "source")) });

/** `Gopkg.lock` of dep, which came before modules (https://golang.github.io/dep/docs/Gopkg.lock.html): a commit, and its tag where it has one. */
export const goDepLock: FileAnalyzer = parsedFile({
  id: "golang/dep-lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "Gopkg.lock" }],
  sign: /^\[{1,2}(?:projects|solve-meta)\]{1,2}/m,
  language: "toml",
  parse: parseToml,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, lockShape);
    for (const project of listOf(document["projects"])) {
      const name = textOf(ownValue(project, "name"));
      if (name === undefined) {
        yield malformedFile(file, "a project has no name");
        continue;
      }
      const version = textOf(ownValue(project, "version")) ?? "";
      const revision = textOf(ownValue(project, "revision"));
      const source = textOf(ownValue(project, "source"));
      const facts = {
        ...(revision === undefined ? {} : { revision }),
        ...(source === undefined ? {} : { from: source }),
      };
      yield {
        kind: "package",
        package: { name, version, ...(Object.keys(facts).length === 0 ? {} : { facts }) },
      };
    }
  },
});
