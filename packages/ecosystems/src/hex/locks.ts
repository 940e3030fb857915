import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { elsewhere } from "../shared/names/elsewhere.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const gleamShape = shape.fields({
  requirements: shape.entries(shape.anything),
  packages: shape.list(shape.fields({ repo: shape.text, path: shape.text, requirements: shape.list(shape.text) })),
});

const shared = { kind: "file", revision: 6, evidence: "declared", maxBytes: 16 * 1024 * 1024 } as const;

const mixEntry = /^\s*"([\w.-]+)":\s*\{:(hex|git|path),\s*(?::"?([\w.-]+)"?|"([^"]*)"),\s*"([^"]*)"/;
const optionalNeed = /\boptional: true\b/;

/** `mix.lock` of Elixir: an Elixir map with one dependency a line (mix, `lib/mix/dep/lock.ex`). */
export const mixLock: FileAnalyzer = recognized(
  {
    ...shared,
    id: "hex/mix-lock",
    matches: [{ basename: "mix.lock", outside: "deps" }],
    async *analyze(file) {
      let number = 0;
      for (const line of (await file.text()).split("\n")) {
        number++;
        const [, key, source, name, address, third = ""] = mixEntry.exec(line) ?? [];
        if (key === undefined) {
          if (/^\s*"[\w.-]+":\s*\{/.test(line)) yield malformedFile(file, "a dependency cannot be read", number);
          continue;
        }
        const dependsOn = mixNeeds(line);
        const found: FoundPackage = {
          name: name ?? key,
          version: source === "hex" ? third : "",
          key,
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(source === "hex" ? {} : { origin: source === "path" ? "path" : "repository" }),
          ...(source === "hex" ? {} : { facts: { from: address ?? "", revision: third } }),
        };
        yield { kind: "package", package: found, line: number };
      }
    },
  },
  /^%\{/m,
);

/** `{:name, "~> 1.0", [hex: :name, …, optional: false]}` */
function mixNeeds(line: string): readonly string[] {
  return [...line.matchAll(/\{:"?([\w.-]+)"?,\s*"[^"]*",\s*\[([^\][]*)\]\}/g)]
    .filter(([, , options = ""]) => !optionalNeed.test(options))
    .map(([, name = ""]) => name);
}

/** `rebar.lock` of Erlang (https://rebar3.org/docs/configuration/dependencies/#lock-files): level 0 is what the project asks for. */
export const rebarLock: FileAnalyzer = recognized(
  {
    ...shared,
    id: "hex/rebar-lock",
    matches: [{ basename: "rebar.lock", outside: "_build" }],
    async *analyze(file) {
      const text = await file.text();
      let line = 1;
      let counted = 0;
      const term =
        /\{<<"([\w.-]{1,256})">>,\s*\{(?:(?:pkg,\s*<<"([\w.-]{1,256})">>,\s*<<"([^"]{0,256})">>|(?:git|git_subdir|hg),\s*"([^"]{0,2048})",\s*\{(?:ref|tag|branch),\s*"([^"]{0,256})"\})[^{}]{0,512}\},\s*(\d+)\})?/g;
      for (const match of text.matchAll(term)) {
        const [, key = "", name, version, address, revision, level] = match;
        for (; counted < match.index; counted++) if (text.charCodeAt(counted) === 10) line++;
        if (level === undefined) {
          yield malformedFile(file, `the dependency ${key} cannot be read`, line);
          continue;
        }
        const found: FoundPackage = {
          name: name ?? key,
          version: version ?? "",
          key,
          relationship: level === "0" ? "direct" : "indirect",
          ...(address === undefined ? {} : { origin: "repository" }),
          ...(address === undefined ? {} : { facts: { from: address, revision: revision ?? "" } }),
        };
        yield { kind: "package", package: found, line };
      }
    },
  },
  /^\s{0,64}(?:\{\s*"|\[\s*[\]{])/,
);

/** `manifest.toml`, the lock file of Gleam. */
export const gleamManifest: FileAnalyzer = {
  ...shared,
  id: "hex/gleam-manifest",
  matches: [{ basename: "manifest.toml" }],
  async *analyze(file) {
    const text = await file.text();
    const read = readValuesOrReport(file, text, "toml", parseToml);
    if ("problem" in read) return yield read.problem;
    // Other tools use the name, too; Gleam says first that it wrote the file.
    if (!text.includes("build_tools") && !/gleam/i.test(text)) return;
    yield* reportWrongParts(file, read.value, gleamShape);
    const direct = new Set(Object.keys(recordOf(read.value["requirements"])));
    for (const item of listOf(read.value["packages"])) {
      const entry = recordOf(item);
      const name = textOf(entry["name"]);
      const version = textOf(entry["version"]);
      if (name === undefined || version === undefined) {
        yield malformedFile(file, `an entry of packages has no ${name === undefined ? "name" : "version"}`);
        continue;
      }
      const dependsOn = textsOf(entry["requirements"]);
      const from = textOf(entry["repo"]) ?? textOf(entry["path"]);
      yield {
        kind: "package",
        package: {
          name,
          version,
          key: name,
          relationship: direct.has(name) ? "direct" : "indirect",
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(from === undefined ? {} : elsewhere(entry["path"] === undefined ? "repository" : "path", from)),
        },
      };
    }
  },
};
