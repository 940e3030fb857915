import { textLines } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { portageVersions } from "../shared/versions/portage-versions.ts";

/** Where the packages are. Other files of these names, such as licences, are in many images. */
export const database = "var/db/pkg";

interface Place {
  readonly category: string;
  /** Name, version and revision: `skopeo-1.5.1-r1`. */
  readonly entry: string;
}

/** `var/db/pkg/<category>/<name>-<version>/<file>`. */
function placeOf(path: string): Place | undefined {
  const [, category, entry] = /^var\/db\/pkg\/([^/]+)\/([^/]+)\/[^/]+$/.exec(path) ?? [];
  return category === undefined || entry === undefined ? undefined : { category, entry };
}

/** Splits off the version behind the last hyphen, that of the revision (`-r1`) aside. Package Manager Specification §3.1.2. */
export function splitName(entry: string): { readonly name: string; readonly version: string } | undefined {
  const revision = /-r\d+$/.exec(entry)?.[0] ?? "";
  const hyphen = entry.lastIndexOf("-", entry.length - revision.length - 1);
  const name = entry.slice(0, Math.max(0, hyphen));
  const version = entry.slice(hyphen + 1);
  return /^[\w+][\w+-]*$/.test(name) && portageVersions.isValid(version) ? { name, version } : undefined;
}

/** The contents of an installed package, which every package has; its directory says which it is. */
export const contents: FileAnalyzer = {
  kind: "file",
  id: "portage/contents",
  revision: 1,
  matches: [{ basename: "CONTENTS", inside: database }],
  async *analyze(file): AsyncGenerator<Observation> {
    const place = placeOf(file.path);
    if (place === undefined) return;
    const found = splitName(place.entry);
    if (found === undefined) {
      yield malformedFile(file, `${place.entry} is no name with a version`);
      return;
    }
    const key = `${place.category}/${place.entry}`;
    yield { kind: "package", package: { name: `${place.category}/${found.name}`, version: found.version, key } };
    const paths = parseContents(await file.text());
    if (paths.length > 0) yield { kind: "ownership", owner: key, paths };
  },
};

/** `obj <path> <md5> <time>` and `sym <path> -> <target> <time>`; paths may hold blanks. */
export function parseContents(text: string): readonly string[] {
  const paths: string[] = [];
  for (const line of textLines(text)) {
    const path = pathOf(line);
    if (path !== "") paths.push(path);
  }
  return paths;
}

function pathOf(line: string): string {
  if (line.startsWith("obj /")) return line.slice(5).split(" ").slice(0, -2).join(" ");
  return line.startsWith("sym /") ? (line.slice(5).split(" -> ", 1)[0] ?? "") : "";
}

/** The licence of an installed package, as written in its ebuild: `Apache-2.0 || ( GPL-2 BSD )`. */
export const license: FileAnalyzer = {
  kind: "file",
  id: "portage/license",
  revision: 1,
  matches: [{ basename: "LICENSE", inside: database }],
  maxBytes: 64 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const place = placeOf(file.path);
    const found = place === undefined ? undefined : splitName(place.entry);
    if (place === undefined || found === undefined) return;
    const licenses = (await file.text()).split(/\s+/).filter((word) => /^[\w.+@-]+$/.test(word));
    const key = `${place.category}/${place.entry}`;
    // Said of the file that stands for the package, so that both mentions are one.
    const at = file.path.replace(/LICENSE$/, "CONTENTS");
    if (licenses.length > 0)
      yield {
        kind: "package",
        package: {
          name: `${place.category}/${found.name}`,
          version: found.version,
          key,
          licenses: [...new Set(licenses)],
        },
        at,
      };
  },
};
