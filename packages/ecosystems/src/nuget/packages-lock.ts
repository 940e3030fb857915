import { jsonDocumentSteps, shape } from "@plimsoll/formats";
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

/** A package of one version, over all frameworks that have it: each may resolve what it needs to another version. */
interface Locked {
  readonly name: string;
  readonly version: string;
  /** For one framework at least. */
  readonly isDirect: boolean;
  readonly contentHash: unknown;
  /** The first entry. */
  readonly entry: unknown;
  readonly dependsOn: Set<string>;
}

/** `packages.lock.json` (learn.microsoft.com/nuget, "Locking dependencies"): the resolved packages of each target framework. */
export const packagesLock: FileAnalyzer = parsedFile({
  id: "nuget/packages-lock",
  revision: 4,
  evidence: "declared",
  matches: [{ suffix: "packages.lock.json" }],
  sign: /"dependencies"\s*:\s*\{/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, lockShape, document.lineOf);
    const locked = new Map<string, Locked>();
    for (const [, framework] of entriesOf(document.value["dependencies"])) {
      // Names are the same in any letter case (learn.microsoft.com/nuget, "Package ID").
      const keys = new Map(
        entriesOf(framework).map(([name, entry]) => [
          name.toLowerCase(),
          `${name}@${textOf(recordOf(entry)["resolved"]) ?? ""}`,
        ]),
      );
      for (const [name, entry] of entriesOf(framework)) {
        const { type, resolved, contentHash, dependencies } = recordOf(entry);
        const version = textOf(resolved);
        if (version === undefined || type === "Project") continue;
        const key = `${name}@${version}`;
        const isDirect = type !== "Transitive" && type !== "CentralTransitive";
        const known = locked.get(key) ?? { name, version, isDirect, contentHash, entry, dependsOn: new Set() };
        locked.set(key, { ...known, isDirect: known.isDirect || isDirect });
        for (const [other] of entriesOf(dependencies)) known.dependsOn.add(keys.get(other.toLowerCase()) ?? other);
      }
    }
    for (const [key, { name, version, isDirect, contentHash, entry, dependsOn }] of locked) {
      const line = document.lineOf(entry);
      yield {
        kind: "package",
        package: {
          name,
          version,
          key,
          relationship: isDirect ? "direct" : "indirect",
          ...(dependsOn.size === 0 ? {} : { dependsOn: [...dependsOn] }),
          ...sha512Of(textOf(contentHash)),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});
