import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";

/**
 * `requirements*.txt` as pip reads them (https://pip.pypa.io/en/stable/reference/requirements-file-format/). Only pinned
 * requirements are versions; ranges, addresses and further files are wishes.
 */
export const pypiRequirements: FileAnalyzer = {
  kind: "file",
  id: "pypi/requirements",
  revision: 3,
  evidence: "declared",
  matches: [{ suffix: ".txt" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    if (!isRequirementsPath(file.path)) return;
    const content = await file.text();
    let meant = content.trim() === "" || /^[ \t]{0,64}(?:#|-|\.{0,2}\/|[A-Za-z+]{2,12}:\/\/)/m.test(content);
    for (const { text, line } of logicalLines(content)) {
      const found = parseRequirement(withoutOptions(text));
      meant ||= found !== undefined;
      if (found?.pinned === undefined) continue;
      const hashes = hashesOf(text);
      yield {
        kind: "package",
        package: {
          name: found.name,
          version: found.pinned,
          key: normalizeName(found.name),
          relationship: "direct",
          ...(hashes === undefined ? {} : { hashes }),
        },
        line,
      };
    }
    if (!meant) yield malformedFile(file, "has no line that pip would read");
  },
};

/** `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements/base.txt`. */
export function isRequirementsPath(path: string): boolean {
  const [directory = "", name = ""] = path.split("/").slice(-2).length === 2 ? path.split("/").slice(-2) : ["", path];
  return /requirements/i.test(name) || directory === "requirements";
}

/** A line as pip counts them. */
export interface LogicalLine {
  readonly text: string;
  /** 1-based; of the first of the lines that a backslash joins. */
  readonly line: number;
}

/** Lines with those that a backslash continues, without comments. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let pending = "";
  let start = 0;
  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    const line = raw.replace(/\r$/, "");
    if (pending === "") start = number;
    if (line.endsWith("\\") && !line.trimStart().startsWith("#") && pending.length < 65_536) {
      pending += `${line.slice(0, -1)} `;
      continue;
    }
    yield { text: withoutComment(pending + line), line: start };
    pending = "";
  }
  if (pending !== "") yield { text: withoutComment(pending), line: start };
}

function withoutComment(line: string): string {
  if (line.trimStart().startsWith("#")) return "";
  const at = line.search(/\s#/);
  return at === -1 ? line : line.slice(0, at);
}

/** Options of a single requirement follow it after white space. */
export function withoutOptions(line: string): string {
  const at = line.search(/\s--?[A-Za-z]/);
  return at === -1 ? line : line.slice(0, at);
}

/** The first hash only: several name several files of one release. */
function hashesOf(line: string): Readonly<Record<string, string>> | undefined {
  const all = [...line.matchAll(/--hash[=\s]([a-z0-9]{3,8}):([0-9a-f]{32,128})(?=\s|$)/g)];
  const [, algorithm, hex] = all[0] ?? [];
  return all.length === 1 && algorithm !== undefined && hex !== undefined ? { [algorithm]: hex } : undefined;
}
