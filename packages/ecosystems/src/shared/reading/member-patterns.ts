import { compileGlob } from "@plimsoll/formats";

/** A workspace that lists more patterns, or a path that is longer, only serves to be slow. */
const maxPatterns = 1_000;
const maxPathLength = 1_024;

/**
 * Tells which directories, relative to the root of a workspace, are its members: patterns with `*` for a part of a name and
 * `**` for any directories, those that begin with `!` taking members out again.
 */
export function membersOf(patterns: readonly string[]): (directory: string) => boolean {
  const known = patterns.slice(0, maxPatterns);
  const wanted = known.filter((pattern) => !pattern.startsWith("!")).map(compile);
  const unwanted = known.filter((pattern) => pattern.startsWith("!")).map((pattern) => compile(pattern.slice(1)));
  return (directory) =>
    directory.length <= maxPathLength &&
    wanted.some((matches) => matches(directory)) &&
    !unwanted.some((matches) => matches(directory));
}

function compile(pattern: string): (directory: string) => boolean {
  return compileGlob(pattern.replace(/^\.\//, "").replace(/\/$/, ""));
}
