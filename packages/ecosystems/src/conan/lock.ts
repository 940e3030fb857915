import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { JsonDocument } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { parseReference, referenceFacts } from "./reference.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const nodes = shape.either(shape.list(shape.scalar), shape.entries(shape.scalar));
const references = shape.list(shape.text);
const lockShape = shape.fields({
  graph_lock: shape.fields({
    nodes: shape.entries(
      shape.fields({
        ref: shape.text,
        pref: shape.text,
        path: shape.text,
        context: shape.text,
        requires: nodes,
        build_requires: nodes,
      }),
    ),
  }),
  requires: references,
  build_requires: references,
  python_requires: references,
});

/** `conan.lock`: version 0.4 and before hold a graph, version 0.5 (Conan 2) lists. */
export const conanLock: FileAnalyzer = parsedFile({
  id: "conan/lock",
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "conan.lock" }, { suffix: "_conan.lock" }],
  sign: /"(?:requires|build_requires|python_requires)"\s*:\s*\[|"graph_lock"\s*:\s*\{/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, lockShape, document.lineOf);
    yield* isRecord(document.value["graph_lock"]) ? readGraph(document) : readLists(document.value);
  },
});

function* readGraph(document: JsonDocument): Generator<Observation> {
  const graph = recordOf(recordOf(document.value)["graph_lock"]);
  const nodes = entriesOf(graph["nodes"]);
  // The consumer is node 0, with or without a reference of its own.
  const roots = new Set(nodes.filter(([id, node]) => isConsumer(id, recordOf(node))).map(([id]) => id));
  const direct = new Set(
    nodes.filter(([id]) => roots.has(id)).flatMap(([, node]) => nodesOf(recordOf(node)["requires"])),
  );
  const forBuild = new Set(nodes.flatMap(([, node]) => nodesOf(recordOf(node)["build_requires"])));
  for (const [id, node] of nodes) {
    const { ref, pref, requires, context } = recordOf(node);
    const reference = parseReference(textOf(ref) ?? textOf(pref)?.split(":", 1)[0]);
    if (roots.has(id) || reference === undefined) continue;
    const dependsOn = nodesOf(requires);
    const line = document.lineOf(node);
    yield {
      kind: "package",
      package: {
        name: reference.name,
        version: reference.version,
        key: id,
        relationship: direct.has(id) ? "direct" : "indirect",
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(context === "build" || forBuild.has(id) ? { scope: "dev" } : {}),
        ...referenceFacts(reference),
      },
      ...(line === undefined ? {} : { line }),
    };
  }
}

/** Node 0 without a recipe of its own, or whatever stands for a conanfile on the disk of who wrote the lock. */
function isConsumer(id: string, node: Readonly<Record<string, unknown>>): boolean {
  const fromDisk = /(?:^|\/)conanfile\.(?:py|txt)$/.test(textOf(node["path"]) ?? "");
  if (textOf(node["pref"]) !== undefined) return fromDisk && entriesOf(node["requires"]).length > 0;
  return id === "0" && (node["ref"] === undefined || fromDisk);
}

/** Identifiers of nodes: a list, or (in the oldest locks) a mapping from references. */
function nodesOf(requires: unknown): readonly string[] {
  return isRecord(requires) ? Object.values(requires).flatMap((id) => textOf(id) ?? []) : textsOf(requires);
}

function* readLists(document: Readonly<Record<string, unknown>>): Generator<Observation> {
  for (const [list, scope] of [["requires"], ["build_requires", "dev"], ["python_requires", "dev"]] as const) {
    for (const text of listOf(document[list])) {
      const reference = parseReference(textOf(text));
      if (reference === undefined) continue;
      yield {
        kind: "package",
        package: {
          name: reference.name,
          version: reference.version,
          ...(scope === undefined ? {} : { scope }),
          ...referenceFacts(reference),
        },
      };
    }
  }
}
