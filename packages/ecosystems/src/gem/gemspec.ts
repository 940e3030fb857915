import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";

/**
 * `*.gemspec` of installed gems, `specifications/**`, those of the standard library (`default/`) included
 * (https://guides.rubygems.org/specification-reference/). RubyGems writes them with literal values; in those that people
 * write, values that a program computes stay unknown.
 */
export const gemspec: FileAnalyzer = {
  kind: "file",
  id: "gem/gemspec",
  revision: 3,
  matches: [{ suffix: ".gemspec" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    const installed = /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/.test(file.path);
    const fields = readFields(await file.text());
    if (fields === undefined) {
      if (installed) yield malformedFile(file, "defines no gem");
      return;
    }
    const { name, version } = fields;
    if (name !== undefined && version !== undefined)
      yield {
        kind: "package",
        package: { ...packageOf(fields, name, version), ...(installed ? {} : { origin: "manifest" }) },
      };
    else {
      const problem = malformedFile(file, name === undefined ? "states no name" : "states no version as text");
      yield installed ? problem : { ...problem, effect: "none" };
    }
  },
};

interface Fields {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly platform: string | undefined;
  readonly licenses: readonly string[];
  readonly authors: readonly string[];
  readonly dependencies: readonly string[];
}

function packageOf(fields: Fields, name: string, version: string): FoundPackage {
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

/** Undefined when the text defines no gem. */
function readFields(text: string): Fields | undefined {
  if (!definition.test(text)) return undefined;
  const values = new Map<string, readonly string[]>();
  const dependencies: string[] = [];
  for (const line of text.split("\n")) {
    if (line.length > 8_192) continue;
    const [, field, value = ""] = assignment.exec(line) ?? [];
    if (field !== undefined && !values.has(field)) values.set(field, literalsOf(value));
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
