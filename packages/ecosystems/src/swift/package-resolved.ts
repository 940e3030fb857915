import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { repositoryName } from "./repository-name.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const pins = shape.list(
  shape.fields({
    identity: shape.text,
    kind: shape.text,
    location: shape.text,
    repositoryURL: shape.text,
    state: shape.texts("version", "branch", "revision"),
  }),
);
const resolvedShape = shape.fields({ pins, object: shape.fields({ pins }) });

/** `Package.resolved` of the Swift package manager, versions 1 to 3: packages are named by where they come from. */
export const packageResolved: FileAnalyzer = parsedFile({
  id: "swift/package-resolved",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "Package.resolved" }],
  sign: /"pins"\s*:\s*\[/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, resolvedShape, document.lineOf);
    const pins = document.value["pins"] ?? recordOf(document.value["object"])["pins"];
    for (const pin of listOf(pins)) {
      const { location, repositoryURL, state, kind, identity } = recordOf(pin);
      // What comes from a registry has no address: `scope.name` is all there is, as in the file of what is checked out.
      const name = repositoryName(textOf(kind === "registry" ? identity : (location ?? repositoryURL)));
      const { version, branch, revision } = recordOf(state);
      if (name === undefined) continue;
      const commit = textOf(revision);
      const line = document.lineOf(pin);
      yield {
        kind: "package",
        package: {
          name,
          version: textOf(version) ?? textOf(branch) ?? commit ?? "",
          ...(commit === undefined ? {} : { facts: { revision: commit } }),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});
