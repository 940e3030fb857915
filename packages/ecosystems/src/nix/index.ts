import { FormatError, formatPurl, openSqlite } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/malformed-file.ts";

/** The register of valid store paths, where the image was made with Nix inside. */
const register: FileAnalyzer = {
  kind: "file",
  id: "nix/register",
  revision: 1,
  matches: [{ path: "nix/var/nix/db/db.sqlite" }],
  async *analyze(file): AsyncGenerator<Observation> {
    const problems: FormatError[] = [];
    try {
      // ValidPaths(id, path, hash, …)
      for (const { values } of openSqlite(await file.bytes()).rows("ValidPaths", (problem) => problems.push(problem))) {
        const [, path] = values;
        const found = typeof path === "string" ? parseStorePath(path.slice(1)) : undefined;
        if (found !== undefined) yield { kind: "package", package: found.package, at: found.directory };
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.push(error);
    }
    for (const problem of problems) yield malformedFile(file, problem.message);
  },
};

/** Programs and scripts in the store: images built by Nix from outside have no register. */
const programs: FileAnalyzer = {
  kind: "file",
  id: "nix/programs",
  revision: 1,
  matches: [
    { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true },
    { magic: new Uint8Array([0x23, 0x21]), executable: true },
  ],
  *analyze(file): Generator<Observation> {
    const found = parseStorePath(file.path);
    if (found !== undefined) yield { kind: "package", package: found.package, at: found.directory };
  },
};

/** Names of further outputs of a package, which follow its version. */
const outputs = ["bin", "data", "debug", "dev", "doc", "info", "lib", "libgcc", "man", "out", "static"];

/** Takes apart `nix/store/<hash>-<name>-<version>[-<output>]/…`: the version begins at the first hyphen before a digit. */
export function parseStorePath(
  path: string,
): { readonly package: FoundPackage; readonly directory: string } | undefined {
  const [directory, hash, entry = ""] = /^nix\/store\/([0-9a-z]{32})-([^/]+)/.exec(path) ?? [];
  if (directory === undefined || hash === undefined || entry.endsWith(".drv")) return undefined;
  const start = entry.search(/-\d/);
  if (start <= 0) return undefined;
  const parts = entry.slice(start + 1).split("-");
  const output = outputs.find((name) => parts.length > 1 && parts.at(-1) === name);
  const version = (output === undefined ? parts : parts.slice(0, -1)).join("-");
  return {
    directory,
    package: {
      name: entry.slice(0, start),
      version,
      key: `${hash}-${entry}`,
      facts: { outputhash: hash, ...(output === undefined ? {} : { output }) },
    },
  };
}

/** The Nix store. Its packages have no advisories of their own. */
export const nix: Ecosystem = defineEcosystem({
  id: "nix",
  class: "os",
  analyzers: [register, programs],
  purl: (pkg) =>
    formatPurl({
      type: "nix",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { output: pkg.facts?.["output"], outputhash: pkg.facts?.["outputhash"] },
    }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for packages of the Nix store" }),
});
