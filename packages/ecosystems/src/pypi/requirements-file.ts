import type { AnalyzedFile, Diagnostic, TreeAnalyzer, Observation, RetainedFiles } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";
import type { Requirement } from "./requirement.ts";
import {
  decodeRequirements,
  includeOf,
  isRequirementsPath,
  logicalLines,
  withoutOptions,
} from "./requirements-text.ts";

/** Files that another one includes may have any name; larger ones are data. */
const maxIncludedBytes = 1024 * 1024;
/** Files that one requirements file leads to; real ones lead to a handful. */
const maxIncludes = 1_000;

/**
 * `requirements*.txt` as pip reads them (https://pip.pypa.io/en/stable/reference/requirements-file-format/), with the files that
 * they include. Only pinned requirements are versions, by their own line, by the wheel whose address it has, or by a constraint; ranges and other
 * addresses are wishes.
 */
export const pypiRequirements: TreeAnalyzer = {
  kind: "tree",
  id: "pypi/requirements",
  revision: 6,
  evidence: "declared",
  matches: [{ suffix: ".txt" }, { suffix: ".in" }],
  maxBytes: 16 * 1024 * 1024,
  async wants({ path, size, bytes }) {
    if (isRoot(path)) return true;
    return size <= maxIncludedBytes && looksLikeRequirements(decodeRequirements(await bytes()));
  },
  async *analyze(files): AsyncGenerator<Observation> {
    const readings = new Map<string, Promise<Reading>>();
    const read = (file: AnalyzedFile): Promise<Reading> => {
      const known = readings.get(file.path) ?? readRequirements(file);
      readings.set(file.path, known);
      return known;
    };
    const told = new Set<string>();
    for (const root of files) {
      if (!isRoot(root.path)) continue;
      const { entries, gaps } = await follow(root, files, read);
      if (!(await read(root)).meant) yield malformedFile(root, "has no line that pip would read");
      for (const gap of gaps) yield gap;
      const pins = pinsOf(entries);
      for (const entry of entries) {
        const observation = entry.constraint ? undefined : packageAt(entry, pins);
        const key = JSON.stringify([entry.path, entry.line, observation?.package.version]);
        if (observation === undefined || told.has(key)) continue;
        told.add(key);
        yield observation;
      }
    }
  },
};

function isRoot(path: string): boolean {
  return path.endsWith(".txt") && isRequirementsPath(path);
}

/** Whether at least one line is a requirement or an option of pip, and no other line is anything else. */
function looksLikeRequirements(text: string): boolean {
  let some = false;
  for (const { text: line } of logicalLines(text)) {
    if (line.trim() === "") continue;
    const found = parseRequirement(withoutOptions(line));
    if (found === undefined && !/^\s*(?:-|\.{0,2}\/|[A-Za-z+]{2,12}:\/\/)/.test(line)) return false;
    some = true;
  }
  return some;
}

interface Line {
  readonly line: number;
  readonly requirement?: Requirement;
  readonly hashes?: Readonly<Record<string, string>>;
  readonly include?: NonNullable<ReturnType<typeof includeOf>>;
}

interface Reading {
  readonly lines: readonly Line[];
  /** It has something that pip would read, if only a comment or an option. */
  readonly meant: boolean;
}

async function readRequirements(file: AnalyzedFile): Promise<Reading> {
  const content = decodeRequirements(await file.bytes());
  let meant = content.trim() === "" || /^[ \t]{0,64}(?:#|-|\.{0,2}\/|[A-Za-z+]{2,12}:\/\/)/m.test(content);
  const lines: Line[] = [];
  for (const { text, line } of logicalLines(content)) {
    const include = includeOf(text);
    const requirement = include === undefined ? parseRequirement(withoutOptions(text)) : undefined;
    meant ||= requirement !== undefined;
    const hashes = hashesOf(text);
    if (include !== undefined) lines.push({ line, include });
    else if (requirement !== undefined) lines.push({ line, requirement, ...(hashes === undefined ? {} : { hashes }) });
  }
  return { lines, meant };
}

interface Entry extends Pick<Line, "line" | "hashes"> {
  readonly path: string;
  readonly requirement: Requirement;
  readonly constraint: boolean;
}

/** Everything that one requirements file leads to, and what it leads to and is not there. */
async function follow(
  root: AnalyzedFile,
  files: RetainedFiles,
  read: (file: AnalyzedFile) => Promise<Reading>,
): Promise<{ readonly entries: readonly Entry[]; readonly gaps: readonly Diagnostic[] }> {
  const entries: Entry[] = [];
  const gaps: Diagnostic[] = [];
  const seen = new Set<string>();
  const open: { readonly file: AnalyzedFile; readonly constraint: boolean }[] = [{ file: root, constraint: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { file, constraint } = next;
    if (seen.has(`${file.path}\n${constraint}`)) continue;
    if (seen.size >= maxIncludes) {
      gaps.push(malformedFile(root, `leads to more than ${maxIncludes} files`));
      break;
    }
    seen.add(`${file.path}\n${constraint}`);
    for (const { line, requirement, hashes, include } of (await read(file)).lines) {
      if (requirement !== undefined)
        entries.push({ path: file.path, line, requirement, constraint, ...(hashes === undefined ? {} : { hashes }) });
      if (include === undefined) continue;
      const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(include.path);
      const other = isAddress ? undefined : includedFile(file.path, include.path, files);
      if (other === undefined) gaps.push(notRead(file, include.path, line));
      else open.push({ file: other, constraint: include.constraint });
    }
  }
  return { entries, gaps };
}

function includedFile(from: string, path: string, files: RetainedFiles): AnalyzedFile | undefined {
  return files.get(path.startsWith("/") ? joinPath("", path) : joinPath(from, path));
}

function notRead({ path }: AnalyzedFile, included: string, line: number): Diagnostic {
  return {
    kind: "diagnostic",
    code: "unresolved-dependencies",
    effect: "incomplete",
    message: `${path} includes ${included}, which is not there or no requirements file: what it asks for is not known`,
    location: { path, line },
  };
}

/** Versions that constraints allow alone; none where two of them differ. */
function pinsOf(entries: readonly Entry[]): ReadonlyMap<string, string | undefined> {
  const pins = new Map<string, string | undefined>();
  for (const { constraint, requirement } of entries) {
    if (!constraint || requirement.pinned === undefined) continue;
    const name = normalizeName(requirement.name);
    pins.set(name, pins.has(name) && pins.get(name) !== requirement.pinned ? undefined : requirement.pinned);
  }
  return pins;
}

function packageAt(
  { path, line, requirement: { name, pinned, origin }, hashes }: Entry,
  pins: ReadonlyMap<string, string | undefined>,
): Extract<Observation, { kind: "package" }> | undefined {
  const key = normalizeName(name);
  const version = pinned ?? pins.get(key);
  if (version === undefined) return undefined;
  return {
    kind: "package",
    package: {
      name,
      version,
      key,
      relationship: "direct",
      ...(origin === undefined ? {} : { origin }),
      ...(hashes === undefined ? {} : { hashes }),
    },
    at: path,
    line,
  };
}

/** The first hash only: several name several files of one release. */
function hashesOf(line: string): Readonly<Record<string, string>> | undefined {
  const all = [...line.matchAll(/--hash[=\s]([a-z0-9]{3,8}):([0-9a-f]{32,128})(?=\s|$)/g)];
  const [, algorithm, hex] = all[0] ?? [];
  return all.length === 1 && algorithm !== undefined && hex !== undefined ? { [algorithm]: hex } : undefined;
}
