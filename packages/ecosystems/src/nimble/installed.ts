import type { FileAnalyzer } from "@plimsoll/model";

/**
 * `nimblemeta.json` of an installed package: Nimble names the directory `<name>-<version>-<SHA-1>` in `pkgs2`, and
 * `<name>-<version>` in `pkgs` before 0.14 (https://github.com/nim-lang/nimble#nimbles-folder-structure-and-packages).
 */
export const nimbleInstalled: FileAnalyzer = {
  kind: "file",
  id: "nimble/installed",
  revision: 1,
  matches: [{ basename: "nimblemeta.json" }],
  *analyze({ path }) {
    // A version begins with a digit, or with `#` where it is a branch, a tag or a commit.
    const [, name, version] =
      /(?:^|\/)pkgs2\/([^/]+?)-([\d#][^/]*)-[0-9a-f]{40}\/nimblemeta\.json$/.exec(path) ??
      /(?:^|\/)pkgs\/([^/]+?)-([\d#][^/]*)\/nimblemeta\.json$/.exec(path) ??
      [];
    if (name !== undefined && version !== undefined) yield { kind: "package", package: { name, version } };
  },
};
