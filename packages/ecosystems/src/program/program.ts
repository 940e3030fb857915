import { applicationCpe } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { classifiers } from "./classifiers.ts";
import type { Classifier } from "./classifiers.ts";
import { findVersions } from "./find-versions.ts";

const byFile: ReadonlyMap<string, readonly Classifier[]> = grouped();

/** Programs that were built from source or copied in, by the version text inside of them. */
export const programText: FileAnalyzer = {
  kind: "file",
  id: "program/text",
  revision: 2,
  yieldsTo: { owner: true },
  matches: [...byFile.keys()].map((basename) => ({ basename })),
  async *analyze(file) {
    const base = file.path.slice(file.path.lastIndexOf("/") + 1);
    const seen = new Set<string>();
    for (const [classifier, version] of await findVersions(file.stream(), byFile.get(base) ?? [])) {
      if (seen.has(classifier.name)) continue;
      seen.add(classifier.name);
      yield {
        kind: "package",
        package: {
          name: classifier.name,
          version,
          cpes: classifier.cpes.map((cpe) => {
            const [vendor = "", product = ""] = cpe.split(":");
            return applicationCpe(vendor, product, version);
          }),
        },
      };
    }
  },
};

function grouped(): ReadonlyMap<string, readonly Classifier[]> {
  const found = new Map<string, Classifier[]>();
  for (const classifier of classifiers) {
    for (const file of new Set(classifier.files)) found.set(file, [...(found.get(file) ?? []), classifier]);
  }
  return found;
}
