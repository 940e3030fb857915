import type { FileAnalyzer } from "@plimsoll/model";
import { normalizeName } from "./name.ts";

/**
 * `*.dist-info/RECORD`, the files that a wheel installed
 * (https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file).
 */
export const pypiRecord: FileAnalyzer = {
  kind: "file",
  id: "pypi/record",
  revision: 1,
  matches: [{ suffix: ".dist-info/RECORD" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const [, site = "", name] = /^(.*?)([^/]+?)-[^/-]+\.dist-info\/RECORD$/.exec(file.path) ?? [];
    if (name === undefined) return;
    const paths = (await file.text()).split("\n").flatMap((line) => resolve(site, firstField(line)) ?? []);
    if (paths.length > 0) yield { kind: "ownership", owner: normalizeName(name), paths };
  },
};

/** The path column of the comma-separated row; quotes protect commas and are doubled inside. */
function firstField(line: string): string {
  if (!line.startsWith('"')) return line.split(",", 1)[0] ?? "";
  const end = line.replaceAll('""', "\u0000\u0000").indexOf('"', 1);
  return end === -1 ? "" : line.slice(1, end).replaceAll('""', '"');
}

/** An absolute path without its slash; relative ones start from the directory of the distributions. */
function resolve(site: string, path: string): string | undefined {
  if (path.trim() === "") return undefined;
  const segments: string[] = [];
  for (const segment of (path.startsWith("/") ? path : site + path).split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length === 0 ? undefined : segments.join("/");
}
