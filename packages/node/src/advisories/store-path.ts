import { join } from "node:path";
import { defaultCacheDirectory } from "../cache/default-cache-directory.ts";

/** What a store file is called. */
export const storeFileName = "advisories.plimsoll";

/** Where the default store lies: in `cacheDirectory`, else in the user's cache directory. */
export function defaultStorePath(cacheDirectory: string = defaultCacheDirectory()): string {
  return join(cacheDirectory, storeFileName);
}
