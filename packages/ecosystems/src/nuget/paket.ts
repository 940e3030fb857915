import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** `paket.lock` (fsprojects.github.io/Paket/lock-file.html): resolved packages by source, their dependencies indented below. */
export const paketLock: FileAnalyzer = parsedFile({
  id: "nuget/paket-lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "paket.lock" }],
  sign: /^(?:NUGET|GITHUB|HTTP|GIT|GROUP |STORAGE|RESTRICTION|REDIRECTS|STRATEGY|LOWEST_MATCHING)/m,
  parse: (text) => text.split(/\r?\n/),
  *read(lines): Generator<Observation> {
    let section = "";
    for (const [index, line] of lines.entries()) {
      if (/^\S/.test(line)) section = line.trim();
      const [, name, version] = /^ {4}(\S+) \(([^\s)]+)\)/.exec(line) ?? [];
      if (name === undefined || version === undefined) continue;
      if (section === "NUGET")
        yield { kind: "package", package: { name, version, ...edges(lines, index) }, line: index + 1 };
      if (section === "GITHUB") {
        yield { kind: "package", package: { name, version, facts: { source: "github" } }, line: index + 1 };
      }
    }
  },
});

function edges(lines: readonly string[], from: number): { readonly dependsOn?: readonly string[] } {
  const dependsOn: string[] = [];
  for (let index = from + 1; index < lines.length; index++) {
    const [, name] = /^ {6}(\S+)/.exec(lines[index] ?? "") ?? [];
    if (name === undefined) break;
    dependsOn.push(name);
  }
  return dependsOn.length === 0 ? {} : { dependsOn };
}

/** `paket.dependencies`: the requested packages; the first version named is taken, whatever the operator. */
export const paketDependencies: FileAnalyzer = parsedFile({
  id: "nuget/paket-dependencies",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "paket.dependencies" }],
  sign: /^[ \t]*(?:source|nuget|clitool|github|gist|git|http|group|storage|framework|references|version|redirects|strategy|lowest_matching)\b/m,
  parse: (text) => text.split(/\r?\n/),
  *read(lines): Generator<Observation> {
    for (const [index, raw] of lines.entries()) {
      const line = (raw.split(/\/\/|#/, 1)[0] ?? "").trim();
      const [kind, name, ...rest] = line.split(/\s+/);
      if (name === undefined) continue;
      if (kind === "nuget" || kind === "clitool") {
        const version = rest.find((word) => /^\d/.test(word)) ?? "";
        yield { kind: "package", package: { name, version, relationship: "direct" }, line: index + 1 };
      } else if (kind === "github") {
        const [repository = "", version = ""] = name.split(":");
        yield {
          kind: "package",
          package: { name: repository, version, relationship: "direct", facts: { source: "github" } },
          line: index + 1,
        };
      }
    }
  },
});
