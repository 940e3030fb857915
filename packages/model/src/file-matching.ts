import type { FileMatcher } from "./ecosystem.ts";

/** Matchers of several parties in one look-up; numbers stand for the lists, in their order, and may come more than once. */
export interface CompiledMatchers {
  /** All matchers, each once: what a layer needs to know to skip other content. */
  readonly matches: readonly FileMatcher[];
  /** Whose matchers a path alone satisfies; undefined where there are none. */
  byPath(path: string): readonly number[] | undefined;
  /** First bytes needed to decide the rest; 0 when the path alone decides for such a file. */
  magicLength(executable: boolean): number;
  /** Whose matchers the first bytes satisfy; undefined where there are none. */
  byMagic(head: Uint8Array, executable: boolean): readonly number[] | undefined;
}

/**
 * Compiles lists of matchers into one look-up, so that the cost per file is a few map hits however many there are: maps by path, base
 * name and directory, a trie of suffixes read from the end, and magic numbers by first byte. Whoever shows files to analyzers and whoever hands
 * on content, maybe from another thread, must mean the same files, so they both ask this.
 */
export function compileMatchers(lists: readonly (readonly FileMatcher[])[]): CompiledMatchers {
  const paths = new Map<string, number[]>();
  const baseNames = new Map<string, number[]>();
  const placed = new Map<string, { readonly holds: (path: string) => boolean; readonly list: number }[]>();
  const directories = new Map<string, number[]>();
  const parts = new Map<string, PartOfDirectory[]>();
  const trees: { readonly prefix: string; readonly list: number }[] = [];
  const stems: { readonly stem: string; readonly list: number }[] = [];
  const suffixes: SuffixNode = { lists: [], next: new Map() };
  const magics: MagicEntry[] = [];
  lists.forEach((matchers, list) => {
    for (const matcher of matchers) {
      if ("path" in matcher) append(paths, matcher.path, list);
      else if ("basename" in matcher && (matcher.outside ?? matcher.inside) !== undefined)
        append(placed, matcher.basename, { holds: placeOf(matcher), list });
      else if ("basename" in matcher) append(baseNames, matcher.basename, list);
      else if ("stem" in matcher) stems.push({ stem: matcher.stem, list });
      else if ("directory" in matcher && (matcher.beginning ?? matcher.ending) !== undefined)
        append(parts, matcher.directory, { beginning: matcher.beginning ?? "", ending: matcher.ending ?? "", list });
      else if ("directory" in matcher) append(directories, matcher.directory, list);
      else if ("below" in matcher) trees.push({ prefix: `${matcher.below}/`, list });
      else if ("suffix" in matcher) addSuffix(suffixes, matcher.suffix, list);
      else magics.push({ bytes: matcher.magic, executable: matcher.executable === true, list });
    }
  });
  const byFirstByte = groupByFirstByte(magics);
  const lengths = { executable: longestMagic(magics, true), plain: longestMagic(magics, false) };
  let distinct: readonly FileMatcher[] | undefined;

  return {
    // Told apart by their texts, which takes longer than all the rest: only who reads a layer asks for them.
    get matches() {
      return (distinct ??= distinctMatchers(lists));
    },
    byPath(path) {
      const cut = path.lastIndexOf("/");
      const name = path.slice(cut + 1);
      let found = merge(undefined, paths.get(path));
      found = merge(found, baseNames.get(name));
      for (const { holds, list } of placed.get(name) ?? []) if (holds(path)) found = merge(found, [list]);
      for (const { stem, list } of stems) if (name.startsWith(stem)) found = merge(found, [list]);
      if (directories.size + parts.size > 0) {
        const directory = path.slice(0, Math.max(0, cut));
        found = merge(found, directories.get(directory));
        for (const { beginning, ending, list } of parts.get(directory) ?? [])
          if (name.startsWith(beginning) && name.endsWith(ending)) found = merge(found, [list]);
      }
      for (const { prefix, list } of trees) if (path.startsWith(prefix)) found = merge(found, [list]);
      return matchSuffixes(suffixes, path, found);
    },
    magicLength: (executable) => (executable ? lengths.executable : lengths.plain),
    byMagic(head, executable) {
      let found: number[] | undefined;
      for (const magic of [...(byFirstByte.get(head[0] ?? -1) ?? []), ...(byFirstByte.get(-1) ?? [])])
        if ((executable || !magic.executable) && startsWith(head, magic.bytes)) found = merge(found, [magic.list]);
      return found;
    },
  };
}

function distinctMatchers(lists: readonly (readonly FileMatcher[])[]): readonly FileMatcher[] {
  const byKey = new Map(lists.flat().map((matcher) => [matcherKey(matcher), matcher]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, matcher]) => matcher);
}

/** A text that is equal for equal matchers. */
export function matcherKey(matcher: FileMatcher): string {
  if ("magic" in matcher) return `magic ${matcher.magic.join(",")}${matcher.executable === true ? " executable" : ""}`;
  return JSON.stringify(matcher);
}

function placeOf({
  outside,
  inside,
}: {
  readonly outside?: string;
  readonly inside?: string;
}): (path: string) => boolean {
  return (path) =>
    (outside === undefined || !isBelow(path, outside)) && (inside === undefined || path.startsWith(`${inside}/`));
}

/** Whether a file lies, at any depth, in a directory of this name. */
function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) || path.includes(`/${directory}/`);
}

interface PartOfDirectory {
  readonly beginning: string;
  readonly ending: string;
  readonly list: number;
}

interface SuffixNode {
  readonly lists: number[];
  readonly next: Map<number, SuffixNode>;
}

interface MagicEntry {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
  readonly list: number;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

function addSuffix(root: SuffixNode, suffix: string, list: number): void {
  let node = root;
  for (let at = suffix.length - 1; at >= 0; at--) {
    const unit = suffix.charCodeAt(at);
    let next = node.next.get(unit);
    if (next === undefined) {
      next = { lists: [], next: new Map() };
      node.next.set(unit, next);
    }
    node = next;
  }
  node.lists.push(list);
}

function matchSuffixes(root: SuffixNode, path: string, found: number[] | undefined): number[] | undefined {
  let result = merge(found, root.lists);
  let node = root.next.get(path.charCodeAt(path.length - 1));
  for (let at = path.length - 2; node !== undefined; at--) {
    result = merge(result, node.lists);
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
