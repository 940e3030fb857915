import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The user's cache directory: `PLIMSOLL_CACHE_DIR`, else XDG base directories, `~/Library/Caches`, or `%LOCALAPPDATA%`. */
export function defaultCacheDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const own = environment["PLIMSOLL_CACHE_DIR"];
  if (own !== undefined && own !== "") return own;
  const home = homeOf(environment);
  const xdg = environment["XDG_CACHE_HOME"];
  // The XDG specification asks to ignore relative paths.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "plimsoll");
  if (platform === "win32") {
    const local = environment["LOCALAPPDATA"];
    return join(local !== undefined && local !== "" ? local : join(home, "AppData", "Local"), "plimsoll", "cache");
  }
  return platform === "darwin" ? join(home, "Library", "Caches", "plimsoll") : join(home, ".cache", "plimsoll");
}

/** Users without a home exist in containers. Everybody may write to the place for temporary files: there each has a name of their own. */
function homeOf(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment["HOME"];
  if (home !== undefined && isAbsolute(home)) return home;
  try {
    return homedir();
  } catch {
    return join(tmpdir(), `plimsoll-${process.geteuid?.() ?? "home"}`);
  }
}
