import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { sha512Of } from "./integrity.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const assetsShape = shape.fields({
  libraries: shape.entries(shape.texts("type", "sha512")),
  targets: shape.entries(shape.entries(shape.fields({ dependencies: shape.entries(shape.text) }))),
});

/** `obj/project.assets.json`: what NuGet resolved for a project, over all of its target frameworks. */
export const projectAssets: FileAnalyzer = parsedFile({
  id: "nuget/project-assets",
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "project.assets.json" }],
  sign: /"libraries"\s*:\s*\{/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, assetsShape, document.lineOf);
    const { libraries, targets } = document.value;
    const edges = edgesOf(targets);
    for (const [key, library] of entriesOf(libraries)) {
      const { type, sha512 } = recordOf(library);
      const [name = "", version = ""] = key.split("/");
      if (type === "project" || name === "" || version === "") continue;
      const line = document.lineOf(library);
      const dependsOn = edges.get(key) ?? [];
      yield {
        kind: "package",
        package: { name, version, key, ...(dependsOn.length === 0 ? {} : { dependsOn }), ...sha512Of(textOf(sha512)) },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});

/** Package to packages, by `name/version`. A dependency states the range it asks for; what was chosen stands beside it. */
function edgesOf(targets: unknown): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, Set<string>>();
  for (const [, target] of entriesOf(targets)) {
    const chosen = new Map(entriesOf(target).map(([key]) => [key.slice(0, key.indexOf("/")).toLowerCase(), key]));
    for (const [key, entry] of entriesOf(target)) {
      const known = edges.get(key) ?? new Set<string>();
      for (const [name] of entriesOf(recordOf(entry)["dependencies"])) {
        const other = chosen.get(name.toLowerCase());
        if (other !== undefined) known.add(other);
      }
      edges.set(key, known);
    }
  }
  return new Map([...edges].map(([key, known]) => [key, [...known]]));
}
