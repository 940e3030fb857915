import { dirname, join } from "node:path";
import { defaultCacheDirectory } from "../cache/default-cache-directory.ts";

/** Name of a store file. */
export const storeFileName = "advisories.plimsoll";

/** Path of the default store: in `cacheDirectory`, by default the user's cache directory. */
export function defaultStorePath(cacheDirectory: string = defaultCacheDirectory()): string {
  return join(cacheDirectory, storeFileName);
}

/** Path of the increment of a store: the changes since it was built. */
export function changesPath(store: string): string {
  return `${store}.changes`;
}

/** Path of the feed documents from which updates rebuild a store. */
export function feedsFolder(store: string): string {
  return join(dirname(store), "feeds");
}
