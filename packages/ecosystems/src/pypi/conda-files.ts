import { shape, yamlSteps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { FileAnalyzer, Observation, PackageObservation } from "@plimsoll/model";
import { condaLocked, linesOfItems } from "../shared/reading/conda-files.ts";
import { listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";
import { parseRequirement } from "./requirement.ts";
import { withoutOptions } from "./requirements-text.ts";

const condaShape = shape.fields({
  dependencies: shape.list(shape.either(shape.text, shape.entries(shape.list(shape.text)))),
  package: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      manager: shape.text,
      category: shape.text,
      url: shape.text,
    }),
  ),
});

/**
 * What pip installs into environments of conda: the list `pip` of `environment.yml`, where it pins, and the packages of
 * `conda-lock.yml` whose manager is pip. Files that cannot be read at all are named by the analyzers of conda.
 */
export const condaPip: FileAnalyzer = {
  kind: "file",
  id: "pypi/conda",
  revision: 2,
  evidence: "declared",
  matches: [
    { basename: "environment.yml" },
    { basename: "environment.yaml" },
    { suffix: "conda-lock.yml" },
    { suffix: "conda-lock.yaml" },
  ],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const text = await file.text();
    if (!/\bpip\b/.test(text)) return;
    const read = await readValueStepsOrReport(file, text, "yaml", (given) => yamlSteps(given));
    if ("problem" in read) return;
    const document = recordOf(read.value[0]);
    yield* reportWrongYaml(file, document, condaShape);
    yield* requested(text, listOf(document["dependencies"]));
    yield* locked(text, document["package"]);
  },
};

async function* requested(text: string, dependencies: readonly unknown[]): AsyncGenerator<PackageObservation> {
  const lines = await inTurns(linesOfItems(text));
  for (const item of dependencies)
    for (const asked of textsOf(listOf(recordOf(item)["pip"]))) {
      const { name, pinned, origin } = parseRequirement(withoutOptions(asked)) ?? {};
      if (name === undefined || pinned === undefined) continue;
      const line = lines.get(asked);
      yield {
        kind: "package",
        package: { name, version: pinned, relationship: "direct", ...(origin === undefined ? {} : { origin }) },
        ...(line === undefined ? {} : { line }),
      };
    }
}

async function* locked(text: string, packages: unknown): AsyncGenerator<PackageObservation> {
  for await (const { package: found, entry, line } of condaLocked(text, packages, "pip"))
    yield {
      kind: "package",
      package: { ...found, ...(textOf(entry["url"])?.startsWith("git+") === true ? { origin: "repository" } : {}) },
      ...(line === undefined ? {} : { line }),
    };
}
