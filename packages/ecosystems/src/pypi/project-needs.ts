import { parseToml } from "@plimsoll/formats";
import type { AnalyzedFile, RetainedFiles } from "@plimsoll/model";
import type { DirectNeeds } from "../shared/reading/reachable-scopes.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { entriesOf, recordOf, textsOf } from "../shared/reading/untrusted.ts";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { normalizeName } from "./name.ts";
import { requirementNames } from "./toml-locks.ts";

/**
 * What the `pyproject.toml` beside a lock file asks for, by normalised name; undefined without one, when it asks for nothing, or when something else
 * says what (`dynamic`).
 */
export async function projectNeeds(file: AnalyzedFile, files: RetainedFiles): Promise<DirectNeeds | undefined> {
  const manifest = files.get(joinPath(file.path, "pyproject.toml"));
  if (manifest === undefined) return undefined;
  const text = await manifest.text();
  // The analyzer of manifests reports what is wrong with it.
  const parsed = readValuesOrReport(manifest, text, "toml", parseToml);
  if ("problem" in parsed) return undefined;
  const poetry = recordOf(recordOf(parsed.value["tool"])["poetry"]);
  const project = recordOf(parsed.value["project"]);
  const elsewhere = textsOf(project["dynamic"]);
  if (poetry["dependencies"] === undefined && elsewhere.some((field) => /^(?:optional-)?dependencies$/.test(field)))
    return undefined;
  const namesOf = (table: unknown): readonly string[] => entriesOf(table).map(([name]) => name);
  const groups = entriesOf(poetry["group"]).map(
    ([name, group]) => [name, namesOf(recordOf(group)["dependencies"])] as const,
  );
  const needs = {
    needed: [
      ...namesOf(poetry["dependencies"]).filter((name) => name !== "python"),
      ...requirementNames(project["dependencies"]),
      ...groups.flatMap(([name, names]) => (name === "main" ? names : [])),
    ],
    optional: entriesOf(project["optional-dependencies"]).flatMap(([, list]) => requirementNames(list)),
    dev: [
      ...namesOf(poetry["dev-dependencies"]),
      ...groups.flatMap(([name, names]) => (name === "main" ? [] : names)),
      ...entriesOf(parsed.value["dependency-groups"]).flatMap(([, list]) => requirementNames(list)),
    ],
  };
  if (needs.needed.length + needs.optional.length + needs.dev.length === 0) return undefined;
  const normalized = (names: readonly string[]): readonly string[] => names.map(normalizeName);
  return { needed: normalized(needs.needed), optional: normalized(needs.optional), dev: normalized(needs.dev) };
}
