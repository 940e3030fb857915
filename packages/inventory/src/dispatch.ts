import type { FileMatcher, ForeignDirectory } from "@plimsoll/model";
import { isForeign } from "./foreign-directories.ts";
import { baseNameOf, directoryOf } from "./image-path.ts";

/** The files that somebody wants to see. */
export interface Interest {
  readonly matches: readonly FileMatcher[];
  /** Directories below which files are ignored, as far as the path alone shows that a file is below one. */
  readonly outside?: readonly ForeignDirectory[];
}

/** Finds who wants a file. */
export interface Dispatcher<T> {
  /** All matchers, each once: what a layer needs to know to skip other content. */
  readonly matches: readonly FileMatcher[];
  /** By its path alone, in the order given to {@link compileDispatcher}. */
  byPath(path: string): readonly T[];
  /** First bytes needed to decide the rest; 0 when the path alone decides for such a file. */
  magicLength(executable: boolean): number;
  /** Those who want it because of its first bytes. */
  byMagic(head: Uint8Array, executable: boolean): readonly T[];
}

/**
 * Compiles all matchers into one lookup, so that the cost per file is a few map hits however many analyzers there are:
 * maps by path, base name and directory, a trie of suffixes read from the end, and magic numbers by first byte. All layers of a
 * scan are searched for the same: the same lists of matchers are compiled once.
 */
export function compileDispatcher<T extends Interest>(interests: readonly T[]): Dispatcher<T> {
  const { matches, byPath, magicLength, byMagic } = compiledFor(interests);
  return {
    matches,
    byPath(path) {
      const found = byPath(path);
      if (found === undefined) return nobody;
      return pick(interests, found).filter(
        ({ outside = [] }) => outside.length === 0 || !isForeign(path, outside, () => false),
      );
    },
    magicLength,
    byMagic: (head, executable) => pick(interests, byMagic(head, executable)),
  };
}

/** Compiled matchers; numbers stand for those who gave them. */
interface Compiled extends Pick<Dispatcher<unknown>, "matches" | "magicLength"> {
  /** The lists that it was made of. */
  readonly lists: readonly (readonly FileMatcher[])[];
  byPath(path: string): readonly number[] | undefined;
  byMagic(head: Uint8Array, executable: boolean): readonly number[] | undefined;
}

/** What was compiled last, by the first of its lists and by how many there are: one analyzer is asked about alone, too. */
const compiledBefore = new WeakMap<readonly FileMatcher[], Map<number, Compiled>>();

function compiledFor(interests: readonly Interest[]): Compiled {
  const lists = interests.map(({ matches }) => matches);
  const [first] = lists;
  if (first === undefined) return compile(lists);
  const byCount = compiledBefore.get(first) ?? new Map<number, Compiled>();
  compiledBefore.set(first, byCount);
  const before = byCount.get(lists.length);
  if (before?.lists.every((list, at) => list === lists[at]) === true) return before;
  const compiled = compile(lists);
  byCount.set(lists.length, compiled);
  return compiled;
}

function compile(lists: readonly (readonly FileMatcher[])[]): Compiled {
  const paths = new Map<string, number[]>();
  const baseNames = new Map<string, number[]>();
  const outside = new Map<string, { readonly directory: string; readonly interest: number }[]>();
  const directories = new Map<string, number[]>();
  const trees: { readonly prefix: string; readonly interest: number }[] = [];
  const stems: { readonly stem: string; readonly interest: number }[] = [];
  const suffixes: SuffixNode = { interests: [], next: new Map() };
  const magics: MagicEntry[] = [];
  const matches = new Map<string, FileMatcher>();
  lists.forEach((list, number) => {
    for (const matcher of list) {
      matches.set(matcherKey(matcher), matcher);
      if ("path" in matcher) append(paths, matcher.path, number);
      else if ("basename" in matcher && matcher.outside !== undefined)
        outside.set(matcher.basename, [
          ...(outside.get(matcher.basename) ?? []),
          { directory: matcher.outside, interest: number },
        ]);
      else if ("basename" in matcher) append(baseNames, matcher.basename, number);
      else if ("stem" in matcher) stems.push({ stem: matcher.stem, interest: number });
      else if ("directory" in matcher) append(directories, matcher.directory, number);
      else if ("below" in matcher) trees.push({ prefix: `${matcher.below}/`, interest: number });
      else if ("suffix" in matcher) addSuffix(suffixes, matcher.suffix, number);
      else magics.push({ bytes: matcher.magic, executable: matcher.executable === true, interest: number });
    }
  });
  const byFirstByte = groupByFirstByte(magics);
  const lengths = [true, false].map((executable) => longestMagic(magics, executable));

  return {
    lists,
    matches: [...matches.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, matcher]) => matcher),
    byPath(path) {
      let found: number[] | undefined;
      found = merge(found, paths.get(path));
      const name = baseNameOf(path);
      found = merge(found, baseNames.get(name));
      for (const { directory, interest } of outside.get(name) ?? [])
        if (!isBelow(path, directory)) found = merge(found, [interest]);
      for (const { stem, interest } of stems) if (name.startsWith(stem)) found = merge(found, [interest]);
      if (directories.size > 0) found = merge(found, directories.get(directoryOf(path)));
      for (const { prefix, interest } of trees) if (path.startsWith(prefix)) found = merge(found, [interest]);
      return matchSuffixes(suffixes, path, found);
    },
    magicLength: (executable) => lengths[executable ? 0 : 1] ?? 0,
    byMagic(head, executable) {
      let found: number[] | undefined;
      for (const magic of [...(byFirstByte.get(head[0] ?? -1) ?? []), ...(byFirstByte.get(-1) ?? [])])
        if ((executable || !magic.executable) && startsWith(head, magic.bytes)) found = merge(found, [magic.interest]);
      return found;
    },
  };
}

/** Whether a file lies, at any depth, in a directory of this name. */
export function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) || path.includes(`/${directory}/`);
}

/** A text that is equal for equal matchers. */
export function matcherKey(matcher: FileMatcher): string {
  if ("magic" in matcher) return `magic ${matcher.magic.join(",")}${matcher.executable === true ? " executable" : ""}`;
  return JSON.stringify(matcher);
}

interface SuffixNode {
  readonly interests: number[];
  readonly next: Map<number, SuffixNode>;
}

interface MagicEntry {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
  readonly interest: number;
}

function append(map: Map<string, number[]>, key: string, interest: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [interest]);
  else list.push(interest);
}

function addSuffix(root: SuffixNode, suffix: string, interest: number): void {
  let node = root;
  for (let at = suffix.length - 1; at >= 0; at--) {
    const unit = suffix.charCodeAt(at);
    let next = node.next.get(unit);
    if (next === undefined) {
      next = { interests: [], next: new Map() };
      node.next.set(unit, next);
    }
    node = next;
  }
  node.interests.push(interest);
}

function matchSuffixes(root: SuffixNode, path: string, found: number[] | undefined): number[] | undefined {
  let result = merge(found, root.interests);
  let node = root.next.get(path.charCodeAt(path.length - 1));
  for (let at = path.length - 2; node !== undefined; at--) {
    result = merge(result, node.interests);
    node = node.next.get(path.charCodeAt(at));
  }
  return result;
}

function groupByFirstByte(magics: readonly MagicEntry[]): Map<number, MagicEntry[]> {
  const groups = new Map<number, MagicEntry[]>();
  for (const magic of magics) {
    // An empty magic number fits every file.
    const first = magic.bytes[0] ?? -1;
    groups.set(first, [...(groups.get(first) ?? []), magic]);
  }
  return groups;
}

function longestMagic(magics: readonly MagicEntry[], executable: boolean): number {
  return Math.max(0, ...magics.filter((m) => executable || !m.executable).map((m) => Math.max(1, m.bytes.length)));
}

function startsWith(head: Uint8Array, magic: Uint8Array): boolean {
  if (head.length < magic.length) return false;
  for (let at = 0; at < magic.length; at++) if (head[at] !== magic[at]) return false;
  return true;
}

function merge(found: number[] | undefined, more: readonly number[] | undefined): number[] | undefined {
  if (more === undefined || more.length === 0) return found;
  return found === undefined ? [...more] : [...found, ...more];
}

function pick<T>(interests: readonly T[], numbers: readonly number[] | undefined): readonly T[] {
  if (numbers === undefined) return nobody;
  const unique = numbers.length === 1 ? numbers : [...new Set(numbers)].sort((a, b) => a - b);
  return unique.flatMap((number) => interests[number] ?? []);
}

const nobody: readonly never[] = [];
