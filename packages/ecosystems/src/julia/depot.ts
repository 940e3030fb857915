import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const projectShape = shape.fields({
  name: shape.text,
  version: shape.text,
  uuid: shape.text,
  deps: shape.entries(shape.text),
  // Read by the analyzer of manifests.
  extras: shape.entries(shape.text),
  weakdeps: shape.entries(shape.text),
});

/** `packages/<name>/<slug>` of a depot, where Pkg unpacks what it installs (https://pkgdocs.julialang.org/v1/glossary). */
const unpacked = /(?:^|\/)packages\/[^/]+\/[A-Za-z0-9]{4,8}\/(?:Julia)?Project\.toml$/;

/** `Project.toml` of a package that is installed in a depot. */
export const juliaDepot: FileAnalyzer = project("julia/depot", true);

/** `Project.toml` of a source tree: the project itself, where it has name, version and identifier as registered packages do. */
export const juliaProject: FileAnalyzer = project("julia/project", false);

function project(id: string, inDepot: boolean): FileAnalyzer {
  const analyzer = parsedFile({
    id,
    revision: 2,
    ...(inDepot ? {} : { evidence: "declared" as const }),
    matches: [{ basename: "Project.toml" }, { basename: "JuliaProject.toml" }],
    maxBytes: 4 * 1024 * 1024,
    parse: parseToml,
    *read(document, file): Generator<Observation> {
      if (inDepot || document["uuid"] !== undefined) yield* reportWrongParts(file, document, projectShape);
      const [name, version, uuid] = [document["name"], document["version"], document["uuid"]].map(textOf);
      if (name === undefined || version === undefined || uuid === undefined) return;
      const dependsOn = entriesOf(document["deps"]).map(([need]) => need);
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(inDepot ? {} : { relationship: "root", origin: "project" }),
          facts: { uuid },
        },
      };
    },
  });
  return {
    ...analyzer,
    analyze: (file, options) => (unpacked.test(file.path) === inDepot ? analyzer.analyze(file, options) : []),
  };
}
