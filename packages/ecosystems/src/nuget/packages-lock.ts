import { parseJsonDocument, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { sha512Of } from "./integrity.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  dependencies: shape.entries(
    shape.entries(
      shape.fields({
        type: shape.text,
        resolved: shape.text,
        contentHash: shape.text,
        dependencies: shape.entries(shape.text),
      }),
    ),
  ),
});

/** `packages.lock.json` (learn.microsoft.com/nuget, "Locking dependencies"): the resolved packages of each target framework. */
export const packagesLock: FileAnalyzer = parsedFile({
  id: "nuget/packages-lock",
  revision: 3,
  evidence: "declared",
  matches: [{ suffix: "packages.lock.json" }],
  sign: /"dependencies"\s*:\s*\{/,
  language: "json",
  parse: (text) => parseJsonDocument(text),
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, lockShape, document.lineOf);
    const seen = new Set<string>();
    for (const [, framework] of entriesOf(document.value["dependencies"])) {
      const versions = new Map(
        entriesOf(framework).map(([name, entry]) => [name.toLowerCase(), textOf(recordOf(entry)["resolved"]) ?? ""]),
      );
      for (const [name, entry] of entriesOf(framework)) {
        const { type, resolved, contentHash, dependencies } = recordOf(entry);
        const version = textOf(resolved);
        const key = `${name}@${version}`;
        if (version === undefined || type === "Project" || seen.has(key)) continue;
        seen.add(key);
        const dependsOn = entriesOf(dependencies).map(
          ([other]) => `${other}@${versions.get(other.toLowerCase()) ?? ""}`,
        );
        const line = document.lineOf(entry);
        yield {
          kind: "package",
          package: {
            name,
            version,
            key,
            relationship: type === "Transitive" || type === "CentralTransitive" ? "indirect" : "direct",
            ...(dependsOn.length === 0 ? {} : { dependsOn }),
            ...sha512Of(textOf(contentHash)),
          },
          ...(line === undefined ? {} : { line }),
        };
      }
    }
  },
});
