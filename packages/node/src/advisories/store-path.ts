import { dirname, join } from "node:path";
import { defaultCacheDirectory } from "../cache/default-cache-directory.ts";

/** What a store file is called. */
export const storeFileName = "advisories.plimsoll";

/** Where the default store lies: in `cacheDirectory`, else in the user's cache directory. */
export function defaultStorePath(cacheDirectory: string = defaultCacheDirectory()): string {
  return join(cacheDirectory, storeFileName);
}

/** Where the increment over a store lies: what changed since it was built. */
export function changesPath(store: string): string {
  return `${store}.changes`;
}

/** Where the documents lie that updates bring a store up to date from. */
export function feedsFolder(store: string): string {
  return join(dirname(store), "feeds");
}
