import type { FileAnalyzer } from "@plimsoll/model";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";
import { decodeRequirements, isRequirementsPath, logicalLines, withoutOptions } from "./requirements-text.ts";
import { pypiVersions } from "./versions.ts";

/** Ranges of `requirements*.txt`, each with the version that is guessed from it. */
export const pypiRequested: FileAnalyzer = {
  kind: "file",
  id: "pypi/requested",
  revision: 3,
  evidence: "requested",
  matches: [{ suffix: ".txt" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    if (!isRequirementsPath(file.path)) return;
    for (const { text, line } of logicalLines(decodeRequirements(await file.bytes()))) {
      const found = parseRequirement(withoutOptions(text));
      const version = found === undefined || found.pinned !== undefined ? undefined : guessVersion(found.specifiers);
      if (found === undefined || version === undefined) continue;
      yield {
        kind: "package",
        package: {
          name: found.name,
          version,
          key: normalizeName(found.name),
          relationship: "direct",
          facts: { requirement: found.specifiers },
        },
        line,
      };
    }
  },
};

/** Requirements have a handful of clauses; each is tried against all. */
const maxClauses = 32;

/**
 * The newest version that the specifiers (PEP 440) name and allow: pip installs the newest it may, and of those this one is known.
 * A wildcard names the first of its releases. Undefined when none is named that is allowed, or a clause is malformed.
 */
export function guessVersion(specifiers: string): string | undefined {
  const clauses = specifiers.split(",").map((clause) => clause.trim());
  if (specifiers === "" || clauses.length > maxClauses) return undefined;
  let newest: string | undefined;
  for (const clause of clauses) {
    const [, version, wildcard] = /^(?:[~=!<>]=|===|<|>)\s*([\w.+!-]+?)(\.\*)?$/.exec(clause) ?? [];
    if (version === undefined || !pypiVersions.isValid(version)) return undefined;
    const named = wildcard === undefined ? version : `${version}.0`;
    if (pypiVersions.satisfies(named, specifiers) !== true) continue;
    if (newest === undefined || (pypiVersions.compare(newest, named) ?? 0) < 0) newest = named;
  }
  return newest;
}
