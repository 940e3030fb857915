import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { sourceFacts } from "./source.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const requirements = shape.entries(shape.anything);
const needs = { dependencies: requirements, "dev-dependencies": requirements, "build-dependencies": requirements };
/** Also what only the analyzer of Cargo.lock reads. */
const manifestShape = shape.fields({
  ...needs,
  // A member takes its version from the workspace with `version.workspace = true`.
  package: shape.fields({ name: shape.text, version: shape.either(shape.text, shape.entries(shape.anything)) }),
  target: shape.entries(shape.fields(needs)),
});

/**
 * `Cargo.toml` (https://doc.rust-lang.org/cargo/reference/manifest.html): the crate itself, and what it pins with `=`.
 * Other requirements are ranges, not versions.
 */
export const cargoManifest: FileAnalyzer = {
  kind: "file",
  id: "cargo/manifest",
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "Cargo.toml" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const read = readValuesOrReport(file, text, "toml", parseToml);
    if ("problem" in read) return yield read.problem;
    yield* reportWrongParts(file, read.value, manifestShape);
    const crate = recordOf(read.value["package"]);
    const name = textOf(crate["name"]);
    const version = textOf(crate["version"]);
    if (name !== undefined && version !== undefined)
      yield { kind: "package", package: { name, version, relationship: "root", ...sourceFacts(undefined) } };
    for (const [field, scope] of [["dependencies"], ["dev-dependencies", "dev"]] as const)
      for (const [key, value] of entriesOf(read.value[field])) {
        const found = dependencyOf(key, value, scope);
        if (found !== undefined) yield { kind: "package", package: found };
        else if (!isRequirement(value)) yield malformedFile(file, `${field}.${key} is no requirement`);
      }
  },
};

/** A range as text, or a table whose fields that matter here are text. */
function isRequirement(value: unknown): boolean {
  const isTextOrAbsent = (field: unknown): boolean => field === undefined || typeof field === "string";
  return isRecord(value)
    ? [value["version"], value["git"], value["path"], value["package"]].every(isTextOrAbsent)
    : typeof value === "string";
}

function dependencyOf(key: string, value: unknown, scope: "dev" | undefined): FoundPackage | undefined {
  const table = recordOf(value);
  const [, version] = /^=\s*(\d\S*)$/.exec(textOf(value) ?? textOf(table["version"]) ?? "") ?? [];
  if (version === undefined) return undefined;
  const source = textOf(table["git"]) ?? (table["path"] === undefined ? "crates.io" : undefined);
  return {
    name: textOf(table["package"]) ?? key,
    version,
    relationship: "direct",
    ...(scope === undefined ? {} : { scope }),
    ...sourceFacts(source),
  };
}
