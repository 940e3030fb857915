import { parseToml } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { semver } from "../shared/versions/semver.ts";
import { entriesOf, ownValue, textOf } from "../shared/reading/untrusted.ts";

/** Ranges of `Cargo.toml`, each with the version that is guessed from it. What `=` pins is declared. */
export const cargoRequested: FileAnalyzer = parsedFile({
  id: "cargo/requested",
  revision: 1,
  evidence: "requested",
  maxBytes: 16 * 1024 * 1024,
  matches: [{ basename: "Cargo.toml" }],
  parse: parseToml,
  *read(document): Generator<Observation> {
    for (const [field, scope] of [["dependencies"], ["dev-dependencies", "dev"]] as const)
      for (const [key, value] of entriesOf(document[field])) {
        // What comes from elsewhere is another package than that of the registry.
        if (ownValue(value, "git") !== undefined || ownValue(value, "path") !== undefined) continue;
        const requirement = textOf(value) ?? textOf(ownValue(value, "version")) ?? "";
        const version = requirement.startsWith("=") ? undefined : guessVersion(requirement);
        if (version === undefined) continue;
        yield {
          kind: "package",
          package: {
            name: textOf(ownValue(value, "package")) ?? key,
            version,
            relationship: "direct",
            ...(scope === undefined ? {} : { scope }),
            facts: { source: "crates.io", requirement },
          },
        };
      }
  },
});

/** The newest version that a requirement names and allows; a plain one is a caret's. */
function guessVersion(requirement: string): string | undefined {
  if (requirement.length > 256) return undefined;
  let newest: string | undefined;
  for (const clause of requirement.split(",")) {
    const [, operator, version] = /^\s*(\^|~|>=|<=|)\s*(\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?)\s*$/.exec(clause) ?? [];
    if (version === undefined) continue;
    const isAllowed = requirement.includes(",") || operator === "<=" ? semver.satisfies(version, requirement) : true;
    if (isAllowed === true && (newest === undefined || (semver.compare(newest, version) ?? 0) < 0)) newest = version;
  }
  return newest;
}
