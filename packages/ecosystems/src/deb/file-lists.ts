import { textLines } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";

/** The files of each package: dpkg's own lists, and the checksum lists of images without dpkg. */
export const fileLists: FileAnalyzer = {
  kind: "file",
  id: "deb/file-lists",
  revision: 2,
  matches: [
    { directory: "var/lib/dpkg/info", ending: ".list" },
    { directory: "var/lib/dpkg/status.d", ending: ".md5sums" },
  ],
  async *analyze(file) {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const inInfo = file.path.startsWith("var/lib/dpkg/info/");
    const suffix = inInfo ? ".list" : ".md5sums";
    if (!name.endsWith(suffix)) return;
    const paths = inInfo ? parseList(await file.text()) : parseChecksums(await file.text());
    if (paths.length > 0) yield { kind: "ownership", owner: name.slice(0, -suffix.length), paths };
  },
};

/** One absolute path a line; directories are listed too but have no owner, since packages share them. */
export function parseList(text: string): readonly string[] {
  const directories = new Set<string>();
  const paths: string[] = [];
  for (const line of textLines(text)) {
    if (!line.startsWith("/") || line === "/.") continue;
    const path = line.slice(1);
    paths.push(path);
    directories.add(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  }
  return paths.filter((path) => path !== "" && !directories.has(path));
}

/** `<md5>  <path>` lines. */
export function parseChecksums(text: string): readonly string[] {
  const paths: string[] = [];
  for (const line of textLines(text)) {
    const path = /^[0-9a-f]{32} [ *](?:\.?\/)?(\S.*)$/.exec(line)?.[1];
    if (path !== undefined) paths.push(path);
  }
  return paths;
}
