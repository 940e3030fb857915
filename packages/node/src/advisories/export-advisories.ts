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
 * Writes a store to a file that is complete by itself, for use behind an air gap: what updates changed over it is folded in
 * first, and it is read through on the way.
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

/** Folds in what updates changed, so that the file alone is the whole store. */
export async function completeStore(store: string, options: CallOptions): Promise<void> {
  if (existsSync(changesPath(store)))
    await withUpdateLock(store, { signal: options.signal }, () => foldChanges(store, options));
}
