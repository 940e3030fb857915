import { textLines } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";

/** To read a directive takes about as long as looking at so many bytes. */
const bytesPerDirective = 256;

/** What a go.mod file says (https://go.dev/ref/mod#go-mod-file). */
export interface GoMod {
  /** Absent in files that people wrote by hand. */
  readonly module?: string;
  /** Line of the module directive, 1-based. */
  readonly line: number;
  readonly go?: string;
  readonly requirements: readonly GoRequirement[];
  readonly replacements: readonly GoReplacement[];
  /** `path@version`: these are never chosen, and the next higher one is. */
  readonly excluded: ReadonlySet<string>;
}

export interface GoRequirement {
  readonly path: string;
  readonly version: string;
  readonly indirect: boolean;
  readonly line: number;
}

export interface GoReplacement {
  readonly path: string;
  /** Absent: all versions. */
  readonly version?: string;
  /** A directory when it has no version. */
  readonly target: { readonly path: string; readonly version?: string };
  readonly line: number;
}

/**
 * Reads a go.mod file in portions; undefined for a text that neither names nor requires a module. Directives that are not known, or not
 * complete, are skipped.
 */
export function* goModSteps(text: string): Steps<GoMod | undefined> {
  let module: { readonly path: string; readonly line: number } | undefined;
  let go: string | undefined;
  const requirements: GoRequirement[] = [];
  const replacements: GoReplacement[] = [];
  const excluded = new Set<string>();
  for (const { words, comment, line } of directives(text)) {
    yield bytesPerDirective;
    const [verb, first = "", second = ""] = words;
    if (verb === "exclude" && second !== "") excluded.add(`${first}@${second}`);
    else if (verb === "module" && first !== "") module ??= { path: first, line };
    else if (verb === "go") go ??= first;
    else if (verb === "require" && second !== "")
      requirements.push({ path: first, version: second, indirect: /^indirect\b/.test(comment), line });
    else if (verb === "replace") {
      const replacement = replacementOf(words.slice(1), line);
      if (replacement !== undefined) replacements.push(replacement);
    }
  }
  if (module === undefined && requirements.length === 0) return undefined;
  return {
    ...(module === undefined ? {} : { module: module.path }),
    line: module?.line ?? 1,
    ...(go === undefined ? {} : { go }),
    requirements,
    replacements,
    excluded,
  };
}

/** What a go.work file says (https://go.dev/ref/mod#workspaces). */
export interface GoWork {
  /** Directories of the modules that are worked on together, as written. */
  readonly uses: readonly string[];
  /** These count before those of the modules. */
  readonly replacements: readonly GoReplacement[];
}

/** Reads a go.work file in portions; undefined for a text that states no Go version and uses no module. */
export function* goWorkSteps(text: string): Steps<GoWork | undefined> {
  const uses: string[] = [];
  const replacements: GoReplacement[] = [];
  let states = false;
  for (const { words, line } of directives(text)) {
    yield bytesPerDirective;
    const [verb, first = ""] = words;
    states ||= (verb === "go" || verb === "toolchain") && first !== "";
    if (verb === "use" && first !== "") uses.push(first);
    const replacement = verb === "replace" ? replacementOf(words.slice(1), line) : undefined;
    if (replacement !== undefined) replacements.push(replacement);
  }
  return states || uses.length > 0 ? { uses, replacements } : undefined;
}

function replacementOf(words: readonly string[], line: number): GoReplacement | undefined {
  const arrow = words.indexOf("=>");
  const [path, version] = words.slice(0, arrow);
  const [otherPath, otherVersion] = words.slice(arrow + 1);
  if (arrow < 1 || path === undefined || otherPath === undefined) return undefined;
  return {
    path,
    ...(version === undefined ? {} : { version }),
    target: { path: otherPath, ...(otherVersion === undefined ? {} : { version: otherVersion }) },
    line,
  };
}

interface Directive {
  readonly words: readonly string[];
  readonly comment: string;
  readonly line: number;
}

/** Directives one by one; those in a block get its verb. */
function* directives(text: string): Generator<Directive> {
  let block: string | undefined;
  let line = 0;
  for (const raw of textLines(text)) {
    line++;
    const slashes = raw.search(/(?:^|\s)\/\//);
    const comment = slashes === -1 ? "" : raw.slice(raw.indexOf("//", slashes) + 2).trim();
    const words = (slashes === -1 ? raw : raw.slice(0, slashes))
      .trim()
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => word.replace(/^(["`])(.*)\1$/, "$2"));
    if (words.length === 0) continue;
    if (block !== undefined && words[0] === ")") block = undefined;
    else if (block !== undefined) yield { words: [block, ...words], comment, line };
    else if (words.length === 2 && words[1] === "(") block = words[0];
    else yield { words, comment, line };
  }
}
