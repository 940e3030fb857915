import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/**
 * `*.gemspec` of installed gems, `specifications/**`, those of the standard library (`default/`) included
 * (https://guides.rubygems.org/specification-reference/). RubyGems writes them with literal values; in gemspecs that people write,
 * computed values stay unknown.
 */
export const gemspec: FileAnalyzer = {
  kind: "file",
  id: "gem/gemspec",
  revision: 4,
  matches: [{ suffix: ".gemspec" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    const installed = /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/.test(file.path);
    const fields = readGemspec(await file.text());
    if (fields === undefined) {
      if (installed) yield malformedFile(file, "defines no gem");
      return;
    }
    const { name, version } = fields;
    if (name !== undefined && version !== undefined)
      yield {
        kind: "package",
        package: { ...gemOf(fields, name, version), ...(installed ? {} : { origin: "manifest" }) },
      };
    // computed-versions.ts looks for it in the files beside, and says when it is not there.
    else if (installed || name === undefined || fields.computed === undefined) {
      const problem = malformedFile(file, name === undefined ? "states no name" : "states no version as text");
      yield installed ? problem : { ...problem, effect: "none" };
    }
  },
};

/** What a gemspec says. */
export interface Gemspec {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly platform: string | undefined;
  readonly licenses: readonly string[];
  readonly authors: readonly string[];
  readonly dependencies: readonly string[];
  /** The expression that gives the version, where it is no literal. */
  readonly computed: string | undefined;
  /** Where the name stands. */
  readonly line: number;
}

/** The package that a gemspec describes. */
export function gemOf(fields: Gemspec, name: string, version: string): FoundPackage {
  const { platform, licenses, authors, dependencies } = fields;
  return {
    name,
    version,
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(authors.length === 0 ? {} : { supplier: authors.join(", ") }),
    ...(dependencies.length === 0 ? {} : { dependsOn: [...new Set(dependencies)] }),
    ...(platform === undefined || platform === "ruby" ? {} : { facts: { platform } }),
  };
}

const definition = /\bGem::Specification\.new\b/;
const assignment = /^\s*\w+\.(name|version|platform|licenses?|authors?)\s*=\s*(.*)$/s;
const dependency = /^\s*\w+\.add_(?:runtime_)?dependency\s*(?:\(\s*)?%?q?[<(]?["']?([\w.-]+)/;

/** Reads a gemspec; undefined when the text defines no gem. */
export function readGemspec(text: string): Gemspec | undefined {
  if (!definition.test(text)) return undefined;
  const values = new Map<string, readonly string[]>();
  const dependencies: string[] = [];
  let computed: string | undefined;
  let nameLine = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.length > 8_192) continue;
    const [, field, value = ""] = assignment.exec(line) ?? [];
    if (field !== undefined && !values.has(field)) {
      const literals = literalsOf(value);
      values.set(field, literals);
      if (field === "name") nameLine = index + 1;
      if (field === "version" && literals.length === 0 && value.trim() !== "") computed = value.trim();
    }
    const needed = dependency.exec(line)?.[1];
    if (needed !== undefined) dependencies.push(needed);
  }
  const first = (field: string): string | undefined => values.get(field)?.[0];
  return {
    name: first("name"),
    version: first("version"),
    platform: first("platform"),
    licenses: values.get("licenses") ?? values.get("license") ?? [],
    authors: values.get("authors") ?? values.get("author") ?? [],
    dependencies,
    computed,
    line: nameLine,
  };
}

/** The string literals of a value: one text, a list of them, or a version object around one. None when a program computes it. */
function literalsOf(value: string): readonly string[] {
  const plain = value.replace(/^Gem::Version\.new\(?\s*/, "").trimStart();
  const isList = plain.startsWith("[");
  if (!isList && !/^(?:["']|%q)/.test(plain)) return [];
  const list = [...plain.matchAll(/"((?:[^"\\]|\\.)*)(?:"|$)|'((?:[^'\\]|\\.)*)(?:'|$)|%q[<{(]([^>})]*)(?:[>})]|$)/gs)]
    .map(([, double, single, quoted]) => double ?? single ?? quoted ?? "")
    .filter((text) => text !== "" && !text.includes("#{"));
  return isList ? list : list.slice(0, 1);
}
