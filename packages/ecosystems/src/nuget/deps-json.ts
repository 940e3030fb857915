import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { JsonDocument } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation, PackageObservation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, ownValue, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { sha512Of } from "./integrity.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const placedFiles = shape.entries(shape.anything);
const depsShape = shape.fields({
  runtimeTarget: shape.either(shape.text, shape.texts("name")),
  libraries: shape.entries(shape.texts("type", "sha512")),
  targets: shape.entries(
    shape.entries(
      shape.fields({
        dependencies: shape.entries(shape.text),
        runtime: placedFiles,
        native: placedFiles,
        runtimeTargets: placedFiles,
        resources: placedFiles,
      }),
    ),
  ),
});

/**
 * `*.deps.json` beside .NET programs and shared frameworks (dotnet/cli, "runtime-configuration-file"): what the host
 * will load, which for a self-contained program includes the runtime itself.
 */
export const depsJson: FileAnalyzer = parsedFile({
  id: "nuget/deps-json",
  revision: 3,
  matches: [{ suffix: ".deps.json" }],
  language: "json",
  steps: jsonDocumentSteps,
  read: readDepsJson,
});

/** The packages that a deps.json names, wherever it was found. */
export function* readDepsJson(document: JsonDocument, file: AnalyzedFile): Generator<Observation> {
  const { libraries, targets, runtimeTarget } = recordOf(document.value);
  if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
  yield* reportWrongParts(file, document.value, depsShape, document.lineOf);
  const targetName = textOf(runtimeTarget) ?? textOf(recordOf(runtimeTarget)["name"]) ?? "";
  const target = isRecord(ownValue(targets, targetName)) ? recordOf(ownValue(targets, targetName)) : undefined;
  if (target === undefined && runtimeTarget !== undefined && entriesOf(targets).length > 0)
    yield malformedFile(file, "its runtimeTarget is none of its targets");
  const root = rootOf(libraries, target);
  for (const [key, library] of entriesOf(libraries)) {
    const placed = target === undefined ? undefined : ownValue(target, key);
    if (!isUsed(library, placed)) continue;
    const found = packageOf(key, library, placed, target, root);
    if (found === undefined) continue;
    yield observation(found, document.lineOf(library));
  }
}

function observation(found: FoundPackage, line: number | undefined): PackageObservation {
  return { kind: "package", package: found, ...(line === undefined ? {} : { line }) };
}

/** References and reference assemblies name files, not packages; what places no file at run time was only needed to build. */
function isUsed(library: unknown, placed: unknown): boolean {
  const type = textOf(recordOf(library)["type"]) ?? "";
  if (/^reference/i.test(type) || recordOf(placed)["compileOnly"] === true) return false;
  if (type !== "package") return true;
  if (placed === undefined) return true;
  return ["runtime", "native", "runtimeTargets", "resources"].some(
    (name) => entriesOf(recordOf(placed)[name]).length > 0,
  );
}

/** The project nobody depends on, if there is exactly one. */
function rootOf(libraries: unknown, target: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const needed = new Set(
    Object.values(target ?? {}).flatMap((placed) =>
      entriesOf(recordOf(placed)["dependencies"]).map(([name, version]) => `${name}/${textOf(version) ?? ""}`),
    ),
  );
  const roots = entriesOf(libraries).flatMap(([key, library]) =>
    textOf(recordOf(library)["type"]) === "project" && !needed.has(key) ? [key] : [],
  );
  return roots.length === 1 ? roots[0] : undefined;
}

function packageOf(
  key: string,
  library: unknown,
  placed: unknown,
  target: Readonly<Record<string, unknown>> | undefined,
  root: string | undefined,
): FoundPackage | undefined {
  const cut = key.lastIndexOf("/");
  const name = key.slice(0, cut).replace(/^runtimepack\./, "");
  const version = key.slice(cut + 1);
  if (cut <= 0 || name === "" || version === "") return undefined;
  const { type, sha512 } = recordOf(library);
  const dependsOn = entriesOf(recordOf(placed)["dependencies"]).flatMap(([other, otherVersion]) => {
    const otherKey = `${other}/${textOf(otherVersion) ?? ""}`;
    return target !== undefined && Object.hasOwn(target, otherKey) ? [otherKey] : [];
  });
  const direct = root !== undefined && target !== undefined && dependenciesOf(target, root).has(key);
  const relationship =
    type === "project"
      ? key === root
        ? ({ relationship: "root" } as const)
        : root !== undefined || target === undefined
          ? ({ relationship: "workspace" } as const)
          : {}
      : root === undefined
        ? {}
        : ({ relationship: direct ? "direct" : "indirect" } as const);
  return {
    name,
    version,
    key,
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...sha512Of(textOf(sha512)),
    ...relationship,
    ...(type === "project" ? { origin: "project" } : {}),
  };
}

function dependenciesOf(target: Readonly<Record<string, unknown>>, key: string): ReadonlySet<string> {
  const placed = ownValue(target, key);
  return new Set(
    entriesOf(recordOf(placed)["dependencies"]).map(([name, version]) => `${name}/${textOf(version) ?? ""}`),
  );
}
