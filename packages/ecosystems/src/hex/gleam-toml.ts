import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { elsewhere } from "../shared/names/elsewhere.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { semver } from "../shared/versions/semver.ts";
import { entriesOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const dependencies = shape.entries(
  shape.either(shape.text, shape.fields({ git: shape.text, ref: shape.text, path: shape.text, version: shape.text })),
);
const gleamShape = shape.fields({
  dependencies,
  "dev-dependencies": dependencies,
  dev_dependencies: dependencies,
});

const shared = {
  revision: 1,
  matches: [{ basename: "gleam.toml" }],
  maxBytes: 16 * 1024 * 1024,
  parse: parseToml,
} as const;

/** `gleam.toml` (https://gleam.run/writing-gleam/gleam-toml/): dependencies from repositories and directories, and pinned ones. */
export const gleamToml: FileAnalyzer = parsedFile({
  ...shared,
  id: "hex/gleam-toml",
  evidence: "declared",
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, gleamShape);
    for (const { name, value, scope } of dependenciesOf(document)) {
      const from = textOf(ownValue(value, "git")) ?? textOf(ownValue(value, "path"));
      const version = /^\s*(?:==)?\s*(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)\s*$/.exec(requirementOf(value))?.[1];
      const found: Pick<FoundPackage, "name" | "version" | "origin" | "facts"> | undefined =
        from !== undefined
          ? {
              name,
              version: "",
              ...elsewhere(textOf(ownValue(value, "git")) === undefined ? "path" : "repository", from),
            }
          : version === undefined
            ? undefined
            : { name, version };
      if (found !== undefined) yield { kind: "package", package: { ...found, relationship: "direct", ...scope } };
    }
  },
});

/** Ranges of `gleam.toml`, each with the lowest version that it allows. */
export const gleamRequested: FileAnalyzer = parsedFile({
  ...shared,
  id: "hex/gleam-requested",
  evidence: "requested",
  *read(document): Generator<Observation> {
    for (const { name, value, scope } of dependenciesOf(document)) {
      const requirement = requirementOf(value);
      const version = lowestOf(requirement);
      if (version === undefined) continue;
      yield { kind: "package", package: { name, version, relationship: "direct", ...scope, facts: { requirement } } };
    }
  },
});

/** `name = "requirement"`, or a table that says where it comes from. */
function* dependenciesOf(document: unknown): Generator<{
  readonly name: string;
  readonly value: unknown;
  readonly scope: { readonly scope?: "dev" };
}> {
  for (const field of ["dependencies", "dev-dependencies", "dev_dependencies"])
    for (const [name, value] of entriesOf(ownValue(document, field)))
      yield { name, value, scope: field === "dependencies" ? {} : { scope: "dev" } };
}

function requirementOf(value: unknown): string {
  return textOf(value) ?? textOf(ownValue(value, "version")) ?? "";
}

/** Of requirements as Hex has them (`>= 1.0.0 and < 2.0.0 or ~> 3.1`): undefined where an alternative has no lower bound. */
function lowestOf(requirement: string): string | undefined {
  if (requirement.length > 256) return undefined;
  let lowest: string | undefined;
  for (const alternative of requirement.split(/\bor\b/)) {
    const bounds = alternative.split(/\band\b/).map((bound) => {
      const [, version] = /^\s*(?:>=|~>|==)?\s*(\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]+)?)\s*$/.exec(bound) ?? [];
      return version === undefined || /^\d+\.\d+\.\d/.test(version) ? version : version.replace(/^\d+\.\d+/, "$&.0");
    });
    const bound = bounds.find((each) => each !== undefined);
    if (bound === undefined) return undefined;
    if (lowest === undefined || (semver.compare(bound, lowest) ?? 0) < 0) lowest = bound;
  }
  return lowest;
}
