import { textLines } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** `var/lib/pacman/local/<name>-<version>/<file>`: the directory is the key of the package. */
function directoryOf(path: string): string | undefined {
  return /^var\/lib\/pacman\/local\/([^/]+)\/[^/]+$/.exec(path)?.[1];
}

/** The description of an installed package: `desc`. */
export const description: FileAnalyzer = {
  kind: "file",
  id: "alpm/desc",
  revision: 1,
  matches: [{ basename: "desc" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    const key = directoryOf(file.path);
    if (key === undefined) return;
    const sections = parseSections(await file.text());
    const [name] = sections.get("NAME") ?? [];
    const [version] = sections.get("VERSION") ?? [];
    if (name === undefined || version === undefined) {
      yield malformedFile(file, `the package has no ${name === undefined ? "name" : "version"}`);
      return;
    }
    const [architecture] = sections.get("ARCH") ?? [];
    const [base] = sections.get("BASE") ?? [];
    const [supplier] = sections.get("PACKAGER") ?? [];
    const licenses = sections.get("LICENSE") ?? [];
    const dependsOn = (sections.get("DEPENDS") ?? []).flatMap((relation) => /^[^<>=]+/.exec(relation) ?? []);
    yield {
      kind: "package",
      package: {
        name,
        version,
        key,
        source: { name: base ?? name, version },
        ...(architecture === undefined ? {} : { architecture }),
        ...(supplier === undefined ? {} : { supplier }),
        ...(licenses.length === 0 ? {} : { licenses }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
      },
    };
  },
};

/** The files of a package: `files`. Directories, which end in a slash, have no owner. */
export const files: FileAnalyzer = {
  kind: "file",
  id: "alpm/files",
  revision: 1,
  matches: [{ basename: "files" }],
  async *analyze(file) {
    const owner = directoryOf(file.path);
    if (owner === undefined) return;
    const listed = parseSections(await file.text()).get("FILES") ?? [];
    const paths = listed.filter((path) => !path.endsWith("/")).map((path) => path.replace(/^\/+/, ""));
    if (paths.length > 0) yield { kind: "ownership", owner, paths };
  },
};

/** `%KEY%` lines, each with the lines up to a blank one: libalpm `be_local.c`. */
export function parseSections(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const raw of textLines(text)) {
    const line = raw.trim();
    const key = /^%([A-Z0-9]+)%$/.exec(line)?.[1];
    if (key !== undefined) {
      values = sections.get(key) ?? [];
      sections.set(key, values);
    } else if (line === "") values = undefined;
    else values?.push(line);
  }
  return sections;
}
