import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseJson } from "@plimsoll/formats";
import type { AnalyzedFile, FoundPackage, LocatedObservation, Observation, TreeAnalyzer } from "@plimsoll/model";
import { entriesOf, recordOf } from "../shared/reading/untrusted.ts";

/** Directories between an assembly and the deps.json or nuspec that speaks of it: `runtimes/unix/lib/net8.0`. */
const maxSteps = 6;

/**
 * Assigns assemblies to the packages that contain them, where a deps.json in a folder above names their file, or a nuspec is in a
 * folder above: these are certain, while the metadata of an assembly is a guess.
 */
export const placedAssemblies: TreeAnalyzer = {
  kind: "tree",
  id: "nuget/placed-assemblies",
  revision: 1,
  matches: [{ suffix: ".deps.json" }, { suffix: ".nuspec" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files, observed): AsyncGenerator<Observation> {
    const stated = packagesByFile(observed);
    const places = new Map<string, Place>();
    for (const file of files) {
      const packages = stated.get(file.path);
      if (packages === undefined) continue;
      const directory = file.path.slice(0, Math.max(0, file.path.lastIndexOf("/")));
      const place = places.get(directory) ?? { files: new Map(), all: undefined };
      if (file.path.endsWith(".nuspec")) place.all = [...packages.values()][0];
      else for (const [name, key] of await filesNamedIn(file)) setOnce(place.files, name, packages.get(key));
      places.set(directory, place);
    }
    for (const { observation, path, analyzer } of observed) {
      if (observation.kind !== "package" || analyzer !== "nuget/assembly") continue;
      const found = placed(path, places);
      if (found !== undefined) yield { kind: "package", package: found, at: path };
    }
  },
};

interface Place {
  /** Package by what a deps.json calls a file, in lower case. */
  readonly files: Map<string, FoundPackage>;
  /** The package that everything below belongs to. */
  all: FoundPackage | undefined;
}

/** Packages that each deps.json and nuspec states, by their keys. */
function packagesByFile(observed: readonly LocatedObservation[]): Map<string, Map<string, FoundPackage>> {
  const byFile = new Map<string, Map<string, FoundPackage>>();
  for (const { observation, path, analyzer } of observed) {
    if (observation.kind !== "package" || (analyzer !== "nuget/deps-json" && analyzer !== "nuget/nuspec")) continue;
    const packages = byFile.get(path) ?? new Map<string, FoundPackage>();
    packages.set(observation.package.key ?? observation.package.name, observation.package);
    byFile.set(path, packages);
  }
  return byFile;
}

/** The files that a deps.json places, each with the key of its library. What publishing puts beside the program loses its directory. */
async function filesNamedIn(file: AnalyzedFile): Promise<readonly (readonly [string, string])[]> {
  const text = await file.text();
  // The analyzer of these files has said so.
  const read = readValuesOrReport(file, text, "json", parseJson);
  if ("problem" in read) return [];
  const named: (readonly [string, string])[] = [];
  for (const [, target] of entriesOf(recordOf(read.value)["targets"]))
    for (const [key, library] of entriesOf(target))
      for (const kind of ["runtime", "runtimeTargets", "native"])
        for (const [path] of entriesOf(recordOf(library)[kind])) {
          const lower = path.toLowerCase();
          named.push([lower, key], [lower.slice(lower.lastIndexOf("/") + 1), key]);
        }
  return named;
}

function setOnce(files: Map<string, FoundPackage>, name: string, found: FoundPackage | undefined): void {
  if (found !== undefined && !files.has(name)) files.set(name, found);
}

function placed(path: string, places: ReadonlyMap<string, Place>): FoundPackage | undefined {
  let directory = path;
  for (let step = 0; step < maxSteps && directory !== ""; step++) {
    directory = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
    const place = places.get(directory);
    if (place === undefined) continue;
    const relative = path.slice(directory === "" ? 0 : directory.length + 1).toLowerCase();
    const found = place.files.get(relative) ?? place.all;
    if (found !== undefined) return found;
  }
  return undefined;
}
