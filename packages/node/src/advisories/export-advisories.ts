import { checkOptions, callChecks, optionIs } from "@plimsoll/model";
import { existsSync } from "node:fs";
import type { StoreFile } from "@plimsoll/advisories";
import type { CallOptions } from "@plimsoll/model";
import { importAdvisories } from "./import-advisories.ts";
import { changesPath, defaultStorePath } from "./store-path.ts";
import { foldChanges } from "./update/rebuild-store.ts";
import { withUpdateLock } from "./update/update-lock.ts";

export interface ExportAdvisoriesOptions extends CallOptions {
  /** The store to export; default: the default store. */
  readonly from?: string | undefined;
}

/**
 * Writes a store to a single complete file, for use behind an air gap. Incremental updates are merged into it first, and the whole store is
 * verified while copying.
 * @throws ScanError `store-missing` when there is none, `store-unreadable` when any part of it is damaged.
 */
export async function exportAdvisories(
  output: string,
  options: ExportAdvisoriesOptions = {},
): Promise<Pick<StoreFile, "revision" | "sources" | "counts">> {
  checkOptions("exportAdvisories", options, { ...callChecks, from: optionIs.text });
  const from = options.from ?? defaultStorePath();
  await completeStore(from, options);
  return importAdvisories(from, { output, signal: options.signal });
}

/** Merges incremental updates into a store, so that the file alone is complete. */
export async function completeStore(store: string, options: CallOptions): Promise<void> {
  if (existsSync(changesPath(store)))
    await withUpdateLock(store, { signal: options.signal }, () => foldChanges(store, options));
}
