import { parseYaml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation, PackageObservation } from "@plimsoll/model";
import { readOrReport } from "../shared/reading/malformed-file.ts";
import { listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { tooManyValues } from "../shared/reading/value-limit.ts";
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
  revision: 1,
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
    if (!/\bpip\b/.test(text) || tooManyValues(file, text) !== undefined) return;
    const read = readOrReport(file, () => parseYaml(text));
    if ("problem" in read) return;
    const document = recordOf(read.value[0]);
    yield* reportWrongYaml(file, document, condaShape);
    yield* requested(listOf(document["dependencies"]));
    yield* locked(listOf(document["package"]));
  },
};

function* requested(dependencies: readonly unknown[]): Generator<PackageObservation> {
  for (const item of dependencies)
    for (const line of listOf(recordOf(item)["pip"])) {
      const { name, pinned } = parseRequirement(withoutOptions(textOf(line) ?? "")) ?? {};
      if (name === undefined || pinned === undefined) continue;
      yield { kind: "package", package: { name, version: pinned, relationship: "direct" } };
    }
}

/** The same package stands there once for each platform. */
function* locked(packages: readonly unknown[]): Generator<PackageObservation> {
  const seen = new Set<string>();
  for (const item of packages) {
    const entry = recordOf(item);
    const name = textOf(entry["name"]);
    const version = textOf(entry["version"]);
    const key = `${name} ${version}`;
    if (name === undefined || version === undefined || entry["manager"] !== "pip" || seen.has(key)) continue;
    seen.add(key);
    const category = textOf(entry["category"]) ?? "main";
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(category === "main" ? {} : { scope: category === "dev" ? "dev" : "optional" }),
        ...(textOf(entry["url"])?.startsWith("git+") === true ? { origin: "repository" } : {}),
      },
    };
  }
}
