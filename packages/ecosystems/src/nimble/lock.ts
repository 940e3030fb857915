import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, ownValue, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  packages: shape.entries(
    shape.fields({ vcsRevision: shape.text, url: shape.text, dependencies: shape.list(shape.text) }),
  ),
});

/** `nimble.lock` of versions 1 and 2 (https://github.com/nim-lang/nimble#nimble-lock): packages at a commit, and who needs whom. */
export const nimbleLock: FileAnalyzer = parsedFile({
  id: "nimble/lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "nimble.lock" }],
  language: "json",
  steps: jsonDocumentSteps,
  *read({ value, lineOf }, file): Generator<Observation> {
    const packages = ownValue(value, "packages");
    if (!isRecord(packages)) return yield malformedFile(file, "has no packages");
    yield* reportWrongParts(file, value, lockShape, lineOf);
    for (const [name, entry] of entriesOf(packages)) {
      const version = textOf(ownValue(entry, "version"));
      const line = lineOf(entry);
      if (version === undefined) {
        yield malformedFile(file, `the package ${name.slice(0, 80)} has no version`, line);
        continue;
      }
      const revision = textOf(ownValue(entry, "vcsRevision"));
      const from = textOf(ownValue(entry, "url"));
      const dependsOn = textsOf(ownValue(entry, "dependencies") ?? []).filter((need) => Object.hasOwn(packages, need));
      const facts = { ...(revision === undefined ? {} : { revision }), ...(from === undefined ? {} : { from }) };
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(Object.keys(facts).length === 0 ? {} : { facts }),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});
