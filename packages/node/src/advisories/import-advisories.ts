import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { openStore } from "@plimsoll/advisories";
import type { StoreFile } from "@plimsoll/advisories";
import type { CallOptions } from "@plimsoll/model";
import { openFileBytes } from "./file-bytes.ts";
import { platformEngine } from "./platform-engine.ts";
import { defaultStorePath } from "./store-path.ts";

export interface ImportAdvisoriesOptions extends CallOptions {
  /** Default: the default store. */
  readonly output?: string | undefined;
}

/**
 * Takes a store file from elsewhere into use, as behind an air gap: a copy is read through, then put in place in one step.
 * @throws ScanError `store-unreadable` when any part of it is damaged; the store in place stays.
 */
export async function importAdvisories(
  from: string,
  options: ImportAdvisoriesOptions = {},
): Promise<Pick<StoreFile, "revision" | "sources" | "counts">> {
  const output = options.output ?? defaultStorePath();
  await mkdir(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}.import`;
  try {
    await copyFile(from, temporary);
    const bytes = openFileBytes(temporary);
    try {
      const store = await openStore(bytes, { ...platformEngine, label: from, signal: options.signal });
      await store.verify({ signal: options.signal });
      await rename(temporary, output);
      return { revision: store.revision, sources: store.sources, counts: store.counts };
    } finally {
      await bytes.close();
    }
  } finally {
    await rm(temporary, { force: true });
  }
}
