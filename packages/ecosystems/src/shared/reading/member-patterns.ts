import { compileGlob } from "@plimsoll/formats";

/** The most patterns of a workspace that are looked at. More of them, or longer paths, are only there to make a scan slow. */
const maxPatterns = 1_000;
const maxPathLength = 1_024;

/**
 * Gives a function that tells whether a directory, relative to the root of a workspace, is a member of it. In patterns `*` is any part of a
 * name, `**` any directories; a pattern that begins with `!` excludes what it matches.
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
