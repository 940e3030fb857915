import type { FoundPackage, TreeAnalyzer, Observation } from "@plimsoll/model";
import { parseCopyright } from "./copyright.ts";

/**
 * Adds licences to the packages of the dpkg database, which does not state them, from their copyright files. Reports the package again
 * at the place where it was found. The id sorts after that of the database's analyzer, so that other fields are taken from the
 * database.
 */
export const licenses: TreeAnalyzer = {
  kind: "tree",
  id: "deb/text-licenses",
  revision: 2,
  matches: [{ suffix: "/copyright" }],
  // That of libboost has two megabytes.
  maxBytes: 4 * 1024 * 1024,
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
    // Packages of one source bring the same text, and mostly follow each other. One text is kept, since all of them may be large.
    let last: { readonly text: string; readonly found: readonly string[] } = { text: "", found: [] };
    for (const { package: pkg, path, line } of installed) {
      // Documentation may be a link to that of another package of the same source: libgcc-s1 to gcc-10-base.
      const copyright = files.get(copyrightOf(pkg.name)) ?? files.get(bySource.get(pkg.source?.name ?? "") ?? "");
      const text = (await copyright?.text()) ?? "";
      if (text !== last.text) last = { text, found: parseCopyright(text) };
      const { found } = last;
      if (found.length > 0)
        yield { kind: "package", package: withLicenses(pkg, found), at: path, ...(line === undefined ? {} : { line }) };
    }
  },
};

function copyrightOf(name: string): string {
  return `usr/share/doc/${name}/copyright`;
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
