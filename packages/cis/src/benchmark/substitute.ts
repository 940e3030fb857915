import type { ComponentSettings, FileKind } from "./settings.ts";

/** A benchmark's text with names replaced, and the values that were put in. */
export interface Substituted {
  readonly text: string;
  readonly used: readonly string[];
}

/** Replaces a name everywhere; a value of several words is put between quotes. */
export function replaceName(text: string, name: string, value: string): string {
  const words = value.split(/\s+/).filter((word) => word !== "");
  return text.replaceAll(name, () => (words.length > 1 ? `'${value}'` : value));
}

/** Replaces `$<component><kind>` by its value for each component; empty values are left out. Longer names first. */
export function substitute(text: string, kind: "bin" | FileKind, values: ReadonlyMap<string, string>): Substituted {
  const used: string[] = [];
  let result = text;
  const names = [...values.keys()].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  for (const name of names) {
    const value = values.get(name) ?? "";
    if (value === "") continue;
    const before = result;
    result = replaceName(result, `$${name}${kind}`, value);
    if (result !== before) used.push(value);
  }
  return { text: result, used };
}

/** Whether a command of one or more words is running, given the full command lines of processes. */
export function isRunning(command: string, commandLines: readonly string[]): boolean {
  const wanted = command.replace(/^['"]+|['"]+$/g, "");
  return commandLines.some((line) => {
    const first = /^\S*/.exec(line)?.[0] ?? "";
    const slash = first.lastIndexOf("/");
    // The command may stand behind any of the slashes of the first word.
    for (let at = slash; at >= 0; at = at === 0 ? -1 : line.lastIndexOf("/", at - 1))
      if (line.startsWith(wanted, at + 1)) return true;
    return line.startsWith(wanted);
  });
}

/** The first candidate that runs. */
export function findExecutable(
  candidates: readonly string[],
  commandLines: (word: string) => readonly string[],
): string | undefined {
  return candidates.find((candidate) => {
    const word = candidate.replace(/^['"]+|['"]+$/g, "").split(/\s+/)[0] ?? "";
    return word !== "" && isRunning(candidate, commandLines(word));
  });
}

/** The program of each component; undefined when a required component does not run. */
export function chooseBinaries(
  components: ReadonlyMap<string, ComponentSettings>,
  commandLines: (word: string) => readonly string[],
): { readonly binaries: ReadonlyMap<string, string>; readonly missing?: string } {
  const binaries = new Map<string, string>();
  for (const [name, settings] of components) {
    if (settings.bins.length === 0) continue;
    const found = findExecutable(settings.bins, commandLines);
    if (found === undefined && !settings.optional) return { binaries: new Map(), missing: name };
    binaries.set(name, found ?? name);
  }
  return { binaries };
}

/** The file of each component: the first that exists, else the default, else the component's name. */
export async function chooseFiles(
  components: ReadonlyMap<string, ComponentSettings>,
  kind: FileKind,
  exists: (path: string) => boolean | Promise<boolean>,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [name, settings] of components) {
    const { candidates, fallback } = settings.files[kind];
    files.set(name, (await findFile(candidates, exists)) ?? fallback ?? name);
  }
  return files;
}

/** The first candidate that exists. */
export async function findFile(
  candidates: readonly string[],
  exists: (path: string) => boolean | Promise<boolean>,
): Promise<string | undefined> {
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  return undefined;
}

/** The command that reads the environment of a program, for checks that name a variable and have no command to read it. */
export function environmentAudit(binary: string): string {
  return `cat "/proc/$(/bin/ps -C ${binary} -o pid= | tr -d ' ')/environ" | tr '\\0' '\\n'`;
}
