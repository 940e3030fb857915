import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { recognized } from "../shared/reading/recognized-file.ts";

const shared = { kind: "file", revision: 1, matches: [{ suffix: ".nimble" }], maxBytes: 4 * 1024 * 1024 } as const;

/**
 * `<name>.nimble` (https://github.com/nim-lang/nimble#creating-packages): the package itself, and what `==` pins. The file is a
 * program, which is not run: only the usual `name = "text"` and `requires "text"` are read, and nothing where there are none.
 */
export const nimbleManifest: FileAnalyzer = recognized(
  {
    ...shared,
    id: "nimble/manifest",
    evidence: "declared",
    async *analyze(file): AsyncGenerator<Observation> {
      if (isInstalled(file)) return;
      const { version, license, requirements } = readManifest(await file.text());
      const name = file.path.slice(file.path.lastIndexOf("/") + 1, -".nimble".length);
      const pinned = requirements.filter(({ range }) => range.startsWith("=="));
      if (version !== undefined)
        yield {
          kind: "package",
          package: {
            name,
            version,
            relationship: "root",
            ...(license === undefined ? {} : { licenses: [license] }),
            ...(requirements.length === 0 ? {} : { dependsOn: requirements.map((one) => one.name) }),
          },
        };
      for (const { name: needed, range, line } of pinned)
        yield {
          kind: "package",
          package: { name: needed, version: range.slice(2).trim(), relationship: "direct" },
          line,
        };
    },
  },
  /^[ \t]*(?:(?:version|author|license|requires|task)\b|#)/m,
);

/** Ranges of `<name>.nimble`, each with the least version that it names and allows. */
export const nimbleRequested: FileAnalyzer = {
  ...shared,
  id: "nimble/requested",
  evidence: "requested",
  async *analyze(file): AsyncGenerator<Observation> {
    if (isInstalled(file)) return;
    for (const { name, range, line } of readManifest(await file.text()).requirements) {
      const version = /^(?:>=|\^=|~=)\s*(\d[\w.+-]*)/.exec(range)?.[1];
      if (version === undefined) continue;
      yield {
        kind: "package",
        package: { name, version, relationship: "direct", facts: { requirement: range } },
        line,
      };
    }
  },
};

/** Installed packages keep their manifest: their directory says more. */
function isInstalled({ path }: AnalyzedFile): boolean {
  return /(?:^|\/)pkgs2?\/[^/]+\/[^/]+\.nimble$/.test(path);
}

interface Manifest {
  readonly version: string | undefined;
  readonly license: string | undefined;
  readonly requirements: readonly { readonly name: string; readonly range: string; readonly line: number }[];
}

function readManifest(text: string): Manifest {
  const fields = new Map<string, string>();
  const requirements: { name: string; range: string; line: number }[] = [];
  let inRequires = false;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const code = withoutComment(raw);
    const [, field, value] = /^\s{0,20}(version|license)\s*=\s*"([^"]+)"/.exec(code) ?? [];
    if (field !== undefined && value !== undefined && !fields.has(field)) fields.set(field, value);
    inRequires ||= /^\s{0,20}requires\b/.test(code);
    if (!inRequires) continue;
    for (const [, requirement = ""] of code.matchAll(/"([^"]*)"/g)) {
      // `jester >= 0.5 & < 1.0`; `https://…@#head` names a place, not a package.
      const [, name, range = ""] = /^\s*([A-Za-z]\w*)\s*(.*)$/s.exec(requirement) ?? [];
      if (name !== undefined && name.toLowerCase() !== "nim" && !requirement.includes("://"))
        requirements.push({ name, range: range.trim(), line });
    }
    inRequires = /,\s*$/.test(code);
  }
  return { version: fields.get("version"), license: fields.get("license"), requirements };
}

/** Up to the first `#` that stands in no text. */
function withoutComment(line: string): string {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === "#" && !quoted) return line.slice(0, at);
  }
  return line;
}
