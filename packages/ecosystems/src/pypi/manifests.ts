import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseToml, shape } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, PackageObservation } from "@plimsoll/model";
import { entriesOf, recordOf, textsOf } from "../shared/reading/untrusted.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const table = shape.entries(shape.anything);
/** Also what only the analyzer of poetry.lock reads. */
const projectShape = shape.fields({
  project: shape.fields({
    dependencies: shape.list(shape.text),
    "optional-dependencies": shape.entries(shape.list(shape.text)),
  }),
  "dependency-groups": shape.entries(shape.list(shape.either(shape.text, table))),
  tool: shape.fields({
    poetry: shape.fields({
      dependencies: table,
      "dev-dependencies": table,
      group: shape.entries(shape.fields({ dependencies: table })),
    }),
  }),
});

/**
 * Pinned dependencies of `pyproject.toml`
 * (https://packaging.python.org/en/latest/specifications/pyproject-toml/). Ranges are wishes, not versions.
 */
export const pyprojectManifest: FileAnalyzer = {
  kind: "file",
  id: "pypi/pyproject",
  revision: 5,
  evidence: "declared",
  matches: [{ basename: "pyproject.toml" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const read = readValuesOrReport(file, text, "toml", parseToml);
    if ("problem" in read) return yield read.problem;
    yield* reportWrongParts(file, read.value, projectShape);
    const project = recordOf(read.value["project"]);
    yield* pinnedOf(textsOf(project["dependencies"]));
    for (const [, list] of entriesOf(project["optional-dependencies"])) yield* pinnedOf(textsOf(list), "optional");
    for (const [, list] of entriesOf(read.value["dependency-groups"])) yield* pinnedOf(textsOf(list), "dev");
  },
};

/** Pinned requirements in the string literals of `setup.py`. The program is not run, so computed names stay unknown. */
export const setupScript: FileAnalyzer = {
  kind: "file",
  id: "pypi/setup-py",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "setup.py" }],
  maxBytes: 4 * 1024 * 1024,
  analyze: readSetupScript,
};

const literal = /"([^"\n\\]{3,400})"|'([^'\n\\]{3,400})'/g;

async function* readSetupScript(file: AnalyzedFile): AsyncGenerator<PackageObservation> {
  let number = 0;
  for (const line of (await file.text()).split("\n")) {
    number++;
    if (line.trimStart().startsWith("#") || !line.includes("==")) continue;
    for (const [, double, single] of line.matchAll(literal))
      for (const observation of pinnedOf([double ?? single ?? ""])) yield { ...observation, line: number };
  }
}

function* pinnedOf(requirements: readonly string[], scope?: "dev" | "optional"): Generator<PackageObservation> {
  for (const text of requirements) {
    const requirement = parseRequirement(text);
    if (requirement?.pinned === undefined) continue;
    const { name, pinned, origin } = requirement;
    yield {
      kind: "package",
      package: {
        name,
        version: pinned,
        key: `${normalizeName(name)}@${pinned}`,
        relationship: "direct",
        ...(scope === undefined ? {} : { scope }),
        ...(origin === undefined ? {} : { origin }),
      },
    };
  }
}
