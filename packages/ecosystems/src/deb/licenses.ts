import type { AnalyzedFile, FoundPackage, TreeAnalyzer, Observation } from "@plimsoll/model";
import { parseCopyright } from "./copyright.ts";

const directory = "usr/share/doc/";

/**
 * Adds licences to the packages of the dpkg database, which does not state them, from their copyright files. Reports the package again
 * at the place where it was found. The id sorts after that of the database's analyzer, so that other fields are taken from the
 * database.
 */
export const licenses: TreeAnalyzer = {
  kind: "tree",
  id: "deb/text-licenses",
  revision: 3,
  matches: [{ suffix: "/copyright" }],
  // That of libboost has two megabytes.
  maxBytes: 4 * 1024 * 1024,
  wants: ({ path }) => path.startsWith(directory),
  condense: async (file) => parseCopyright(await file.text()).join("\n"),
  async *analyze(files, observed): AsyncGenerator<Observation> {
    const installed = observed.flatMap(({ observation, path, analyzer }) =>
      analyzer === "deb/status" && observation.kind === "package" ? [{ ...observation, path }] : [],
    );
    const bySource = new Map<string, string>();
    for (const { package: pkg } of installed) {
      const path = copyrightOf(pkg.name);
      if (pkg.source !== undefined && !bySource.has(pkg.source.name) && files.get(path) !== undefined)
        bySource.set(pkg.source.name, path);
    }
    for (const { package: pkg, path, line } of installed) {
      // Documentation may be a link to that of another package of the same source: libgcc-s1 to gcc-10-base.
      const copyright = files.get(copyrightOf(pkg.name)) ?? files.get(bySource.get(pkg.source?.name ?? "") ?? "");
      const found = copyright === undefined ? [] : await namedIn(copyright);
      if (found.length > 0)
        yield { kind: "package", package: withLicenses(pkg, found), at: path, ...(line === undefined ? {} : { line }) };
    }
  },
};

function copyrightOf(name: string): string {
  return `${directory}${name}/copyright`;
}

/** The licences that are kept of a copyright file, one a line: none has more than one. */
async function namedIn(file: AnalyzedFile): Promise<readonly string[]> {
  return (await file.text()).split("\n").filter((name) => name !== "");
}

function withLicenses(
  { name, version, source, architecture }: FoundPackage,
  licenses: readonly string[],
): FoundPackage {
  return {
    name,
    version,
    // Not a neighbour that others depend on or that owns files: those are said by the database.
    key: `${name} (copyright)`,
    ...(source === undefined ? {} : { source }),
    ...(architecture === undefined ? {} : { architecture }),
    licenses,
  };
}
