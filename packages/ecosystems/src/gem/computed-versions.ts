import type { AnalyzedFile, FoundPackage, Observation, RetainedFiles, TreeAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { gemOf, readGemspec } from "./gemspec.ts";
import { evaluate, rubyConstants } from "./ruby-constants.ts";
import type { RubyConstants } from "./ruby-constants.ts";

/** Files that hold nothing but a version are short. */
const maxBytes = 1024 * 1024;

/**
 * `*.gemspec` of source trees whose version is a constant of a neighbouring file, or that file's whole text: `require_relative
 * "lib/some/version"` and `Some::VERSION`, `File.read("VERSION").strip`. Files are found as the gemspec names them, also with
 * `File.join`, `File.expand_path`, `__dir__`, and below `lib`, which gemspecs put into Ruby's load path. Nothing is run.
 */
export const computedVersions: TreeAnalyzer = {
  kind: "tree",
  id: "gem/computed-versions",
  revision: 1,
  matches: [{ suffix: ".gemspec" }, { suffix: "version.rb" }, { basename: "VERSION" }, { suffix: "_VERSION" }],
  maxBytes,
  async wants(file) {
    if (file.size > maxBytes) return false;
    if (!file.path.endsWith(".gemspec")) return true;
    return readGemspec(await file.text())?.computed !== undefined;
  },
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) {
      if (!file.path.endsWith(".gemspec")) continue;
      const text = await file.text();
      const spec = readGemspec(text);
      if (spec?.name === undefined || spec.computed === undefined) continue;
      const version = await versionOf(text, spec.computed, file, files);
      if (version === undefined) {
        yield { ...malformedFile(file, `states no version as text: ${spec.computed.slice(0, 80)}`), effect: "none" };
        continue;
      }
      const found: FoundPackage = { ...gemOf(spec, spec.name, version), origin: "manifest" };
      yield { kind: "package", package: found, at: file.path, line: spec.line };
    }
  },
};

async function versionOf(
  text: string,
  expression: string,
  file: AnalyzedFile,
  files: RetainedFiles,
): Promise<string | undefined> {
  // One step through a variable of the gemspec itself.
  const variable = /^([a-z_]\w*)\s*(?:#.*)?$/.exec(expression)?.[1];
  const value = variable === undefined ? expression : assigned(text, variable);
  if (value === undefined) return undefined;
  if (/^(?:File|IO|::File)\.read\b/.test(value)) return await wholeText(value, file, files);
  const own = rubyConstants(text);
  const neighbours: RubyConstants[] = [];
  for (const path of requiredPaths(text, file.path)) {
    const neighbour = files.get(path);
    if (neighbour !== undefined) neighbours.push(rubyConstants(await neighbour.text()));
  }
  const valueOf = (name: string): string | undefined => {
    for (const constants of [own, ...neighbours]) {
      const known = constants.get(name);
      if (known !== undefined) return known;
    }
    return undefined;
  };
  return plausible(evaluate(value, valueOf));
}

function assigned(text: string, variable: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, name, value] = line.length > 8_192 ? [] : (/^\s*([a-z_]\w*)\s*=(?![=~>])\s*(\S.*)$/.exec(line) ?? []);
    if (name === variable) return value;
  }
  return undefined;
}

async function wholeText(value: string, file: AnalyzedFile, files: RetainedFiles): Promise<string | undefined> {
  const path = pathOf(value, file.path);
  const neighbour = path === undefined ? undefined : files.get(path);
  return neighbour === undefined ? undefined : plausible((await neighbour.text()).trim());
}

/** What Gem::Version accepts, and nothing that is a sentence. */
function plausible(version: string | undefined): string | undefined {
  return version !== undefined && /^\d[\w.-]{0,127}$/.test(version) ? version : undefined;
}

/** Paths of the files that a gemspec requires, in its order, as they lie beside it and below `lib`. */
function requiredPaths(text: string, spec: string): readonly string[] {
  const paths: string[] = [];
  for (const [, call, argument = ""] of text.matchAll(
    /^[^\S\n]*(require_relative|require|load)\b[ \t(]*(File\.\w+[ \t]*\([^()]{0,2048}(?:\([^()]{0,256}\)[^()]{0,2048})?\)[^\n]{0,512}|[^\n]{1,2048})/gm,
  )) {
    const path = pathOf(argument, spec);
    if (path === undefined) continue;
    const name = path.endsWith(".rb") ? path : `${path}.rb`;
    paths.push(name);
    // The load path: gemspecs put `lib` into it.
    const [literal] = literalsOf(argument);
    if (call === "require" && literal !== undefined) paths.push(`${joinPath(spec, `lib/${literal}`)}.rb`);
  }
  return [...new Set(paths)];
}

/** The path that an expression names, relative to the gemspec: its literals one behind the other. */
function pathOf(expression: string, spec: string): string | undefined {
  const statement = expression.split(/\s(?:if|unless)\s/, 1)[0] ?? "";
  const literals = literalsOf(statement);
  if (literals.length === 0) return undefined;
  const relative = literals.join("/");
  // `File.expand_path("../lib", __FILE__)` starts from the file as though it were a directory.
  const fromFile = statement.includes("expand_path") && /,\s*__FILE__/.test(statement);
  return joinPath(spec, fromFile ? relative.replace(/^\.\.\//, "") : relative);
}

function literalsOf(expression: string): readonly string[] {
  return [...expression.matchAll(/"([^"\n]{1,512})"|'([^'\n]{1,512})'/g)]
    .map(([, double, single]) => (double ?? single ?? "").replace(/^#\{[^}]*\}\/?/, ""))
    .filter((text) => text !== "" && !text.includes("#{"));
}
