import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";

/** Others may write: to a file, what it says is theirs; to a directory, what lies in it may be. */
const writableByAll = 0o002;

/**
 * Why what lies in a cache directory is not to be believed, as a clause; undefined when it is: it belongs to this user, to the system's
 * administrator, or to whom the directory belongs, and not everybody may write to it. In a directory that everybody could have made, such
 * as one of `/tmp`, its owner does not count. Windows knows no such numbers; the user's profile protects the directory there.
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
  return `it belongs to user ${uid}, to whom the cache does not belong`;
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
