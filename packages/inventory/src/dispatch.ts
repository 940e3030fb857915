import { compileMatchers } from "@plimsoll/model";
import type { CompiledMatchers, FileMatcher, ForeignDirectory } from "@plimsoll/model";
import { isForeign } from "./foreign-directories.ts";

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

/** Compiles all matchers into one look-up. All layers of a scan are searched for the same: the same lists of matchers are compiled once. */
export function compileDispatcher<T extends Interest>(interests: readonly T[]): Dispatcher<T> {
  const compiled = compiledFor(interests);
  return {
    get matches() {
      return compiled.matches;
    },
    byPath(path) {
      const found = compiled.byPath(path);
      if (found === undefined) return nobody;
      return pick(interests, found).filter(
        ({ outside = [] }) => outside.length === 0 || !isForeign(path, outside, () => false),
      );
    },
    magicLength: compiled.magicLength,
    byMagic: (head, executable) => pick(interests, compiled.byMagic(head, executable)),
  };
}

/** Compiled matchers, and the lists that they were made of. */
interface Compiled {
  readonly lists: readonly (readonly FileMatcher[])[];
  readonly matchers: CompiledMatchers;
}

/** What was compiled last, by the first of its lists and by how many there are: one analyzer is asked about alone, too. */
const compiledBefore = new WeakMap<readonly FileMatcher[], Map<number, Compiled>>();

function compiledFor(interests: readonly Interest[]): CompiledMatchers {
  const lists = interests.map(({ matches }) => matches);
  const [first] = lists;
  if (first === undefined) return compileMatchers(lists);
  const byCount = compiledBefore.get(first) ?? new Map<number, Compiled>();
  compiledBefore.set(first, byCount);
  const before = byCount.get(lists.length);
  if (before?.lists.every((list, at) => list === lists[at]) === true) return before.matchers;
  const matchers = compileMatchers(lists);
  byCount.set(lists.length, { lists, matchers });
  return matchers;
}

function pick<T>(interests: readonly T[], numbers: readonly number[] | undefined): readonly T[] {
  if (numbers === undefined) return nobody;
  const unique = numbers.length === 1 ? numbers : [...new Set(numbers)].sort((a, b) => a - b);
  return unique.flatMap((number) => interests[number] ?? []);
}

const nobody: readonly never[] = [];
