import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";

/** Others may write: to a file, what it says is theirs; to a directory, what lies in it may be. */
const writableByAll = 0o002;

/**
 * Why a file in a cache directory is not trusted, as a clause; undefined when it is: it belongs to this user, to root, or to the owner of the
 * directory, and is not writable for everybody. In a directory that anybody could have created, such as one below `/tmp`, its owner is not trusted.
 * Windows has no such ids; there the user's profile protects the directory.
 */
export function distrustOf(
  { uid, mode }: Pick<Stats, "uid" | "mode">,
  directory: string,
  isLink = false,
): string | undefined {
  const own = process.geteuid?.();
  if (own === undefined) return undefined;
  if (!isLink && (mode & writableByAll) !== 0) return "everybody may write to it";
  if (uid === own || uid === 0 || uid === ownerOf(directory)) return undefined;
  return `it belongs to user ${uid}, who does not own the cache`;
}

function ownerOf(directory: string): number | undefined {
  try {
    const { uid, mode } = statSync(directory);
    const anybodysPlace = ((mode | statSync(dirname(directory)).mode) & writableByAll) !== 0;
    return anybodysPlace ? undefined : uid;
  } catch {
    return undefined;
  }
}
