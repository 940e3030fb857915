import type { Observation, RetainedFiles, TreeAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** `<switch>/.opam-switch/install/<name>.install`: the list of files that a package put into the switch. */
const place = /^(|.*\/)\.opam-switch\/install\/([A-Za-z0-9_+-]+)\.install$/;

/**
 * What `.install` files of a switch name and its state does not (https://opam.ocaml.org/doc/Manual.html#lt-pkgname-gt-install), as in
 * images that take over only part of a switch. The version is in the findlib `META` beside the package's libraries.
 */
export const opamInstallFiles: TreeAnalyzer = {
  kind: "tree",
  id: "opam/install-files",
  revision: 1,
  matches: [{ suffix: ".install" }, { basename: "META" }],
  maxBytes: 4 * 1024 * 1024,
  wants: ({ path }) => place.test(path) || /(?:^|\/)lib\/[^/]+\/META$/.test(path),
  async *analyze(files, observed): AsyncGenerator<Observation> {
    const stated = new Set(
      observed.flatMap(({ observation, path, analyzer }) =>
        observation.kind === "package" && (analyzer === "opam/switch" || analyzer === "opam/installed")
          ? [`${path.slice(0, path.lastIndexOf(".opam-switch/"))}\n${observation.package.name}`]
          : [],
      ),
    );
    for (const file of files) {
      const [, root, name] = place.exec(file.path) ?? [];
      if (root === undefined || name === undefined || stated.has(`${root}\n${name}`)) continue;
      const version = await versionIn(files, `${root}lib/${name}/META`);
      if (version !== undefined) yield { kind: "package", package: { name, version }, at: file.path };
      else
        yield {
          ...malformedFile(file, `nothing in the switch says which version of ${name} is installed`),
          code: "unknown-version",
          effect: "none",
        };
    }
  },
};

/** The first `version = "…"` of a META, which is that of the package; those of its parts follow. */
async function versionIn(files: RetainedFiles, path: string): Promise<string | undefined> {
  const text = (await files.get(path)?.text()) ?? "";
  for (const line of text.split("\n")) {
    const version = /^\s*version\s*=\s*"v?(\d[^"\s]{0,127})"/.exec(line)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
