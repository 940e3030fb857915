import type { FileMatcher } from "@plimsoll/model";

/** File matchers, compiled into look-ups. */
export interface CompiledMatchers {
  byPath(path: string): boolean;
  /** How many leading bytes are needed when the path does not decide; 0 when they do not matter for such a file. */
  magicLength(executable: boolean): number;
  byMagic(head: Uint8Array, executable: boolean): boolean;
}

/** Compiles matchers so that the cost per file does not depend on their number. */
export function compileMatchers(matchers: readonly FileMatcher[]): CompiledMatchers {
  const paths = new Set<string>();
  const names = new Set<string>();
  const directories = new Set<string>();
  const trees: string[] = [];
  const stems: string[] = [];
  const suffixes = new Map<number, Set<string>>();
  const magics: Extract<FileMatcher, { magic: Uint8Array }>[] = [];
  for (const matcher of matchers) {
    if ("path" in matcher) paths.add(matcher.path);
    else if ("basename" in matcher) names.add(matcher.basename);
    else if ("stem" in matcher) stems.push(matcher.stem);
    else if ("directory" in matcher) directories.add(matcher.directory);
    else if ("below" in matcher) trees.push(`${matcher.below}/`);
    else if ("magic" in matcher) magics.push(matcher);
    else suffixes.set(matcher.suffix.length, (suffixes.get(matcher.suffix.length) ?? new Set()).add(matcher.suffix));
  }
  const applicable = (executable: boolean): typeof magics =>
    magics.filter((matcher) => executable || matcher.executable !== true);
  const lengthOf = (executable: boolean): number =>
    Math.max(0, ...applicable(executable).map((matcher) => Math.max(1, matcher.magic.length)));
  const lengths = { executable: lengthOf(true), plain: lengthOf(false) };
  return {
    byPath(path) {
      const cut = path.lastIndexOf("/");
      if (paths.has(path) || names.has(path.slice(cut + 1)) || directories.has(path.slice(0, Math.max(0, cut))))
        return true;
      if (trees.some((prefix) => path.startsWith(prefix))) return true;
      if (stems.some((stem) => path.startsWith(stem, cut + 1))) return true;
      for (const [length, set] of suffixes) if (set.has(path.slice(path.length - length))) return true;
      return false;
    },
    magicLength: (executable) => (executable ? lengths.executable : lengths.plain),
    byMagic: (head, executable) =>
      applicable(executable).some(
        ({ magic }) => magic.length <= head.length && magic.every((byte, at) => byte === head[at]),
      ),
  };
}
