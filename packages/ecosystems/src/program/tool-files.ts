import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, listOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const tool = shape.either(shape.text, shape.texts("version"));
const miseShape = shape.fields({ tools: shape.entries(shape.either(tool, shape.list(tool))) });

/** Tools that a project asks its version manager for. Aliases (`lts/*`, `latest`, `system`) and paths are no versions. */
function* toolsOf(name: string, versions: readonly string[], line?: number): Generator<Observation> {
  for (const text of versions) {
    const version = /^v?(\d\S*)$/.exec(text)?.[1];
    if (version === undefined) continue;
    yield {
      kind: "package",
      package: { name, version, key: `${name}@${version}`, relationship: "direct" },
      ...(line === undefined ? {} : { line }),
    };
  }
}

/** `.tool-versions` of asdf (https://asdf-vm.com/manage/configuration.html): a tool and its versions, the first preferred. */
export const toolVersions: FileAnalyzer = parsedFile({
  id: "program/tool-versions",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: ".tool-versions" }],
  sign: /^[ \t]{0,64}(?:#|[A-Za-z0-9_-]+[ \t]+\S)/m,
  parse: (text) => text.split("\n"),
  *read(lines): Generator<Observation> {
    for (const [index, line] of lines.entries()) {
      const [name, ...versions] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
      if (name !== undefined && /^[\w.-]+$/.test(name)) yield* toolsOf(name, versions, index + 1);
    }
  },
});

/** `mise.toml` (https://mise.jdx.dev/configuration.html): `[tools]`, a version, a list, or a table with one. */
export const miseConfig: FileAnalyzer = parsedFile({
  id: "program/mise",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "mise.toml" }, { basename: ".mise.toml" }],
  language: "toml",
  parse: parseToml,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, miseShape);
    for (const [name, tool] of entriesOf(document["tools"]))
      for (const one of Array.isArray(tool) ? listOf(tool) : [tool])
        yield* toolsOf(name, textsOf(isRecord(one) ? (one["version"] ?? []) : one));
  },
});

/** `.nvmrc` and `.node-version`: one version of Node.js. */
export const nodeVersionFile: FileAnalyzer = parsedFile({
  id: "program/node-version",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: ".nvmrc" }, { basename: ".node-version" }],
  sign: /^[ \t]{0,64}(?:#|[\w./*-]+[ \t]*(?:#.*)?\r?$)/m,
  parse: (text) => text.split("\n"),
  *read(lines): Generator<Observation> {
    for (const [index, line] of lines.entries()) {
      const text = (line.split("#", 1)[0] ?? "").trim();
      if (text === "") continue;
      // Only the first line that says something counts.
      return yield* toolsOf("nodejs", [text], index + 1);
    }
  },
});
