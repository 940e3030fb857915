import { checkOptions, callChecks, optionIs } from "@plimsoll/model";
import { rm } from "node:fs/promises";
import { openStore } from "@plimsoll/advisories";
import type { StoreFile } from "@plimsoll/advisories";
import type { CallOptions } from "@plimsoll/model";
import { openFileBytes } from "./file-bytes.ts";
import { openFile } from "./open-advisories.ts";
import { platformEngine } from "./platform-engine.ts";
import { replaceFile } from "./replace-file.ts";
import { changesPath, defaultStorePath } from "./store-path.ts";

export interface ImportAdvisoriesOptions extends CallOptions {
  /** Default: the default store. */
  readonly output?: string | undefined;
}

/**
 * Puts a store file from elsewhere in place, as behind an air gap: it is copied, verified and then replaces the present store atomically.
 * @throws ScanError `store-missing` when there is no such file, `store-unreadable` when any part of it is damaged; the store in place stays.
 */
export async function importAdvisories(
  from: string,
  options: ImportAdvisoriesOptions = {},
): Promise<Pick<StoreFile, "revision" | "sources" | "counts">> {
  checkOptions("importAdvisories", options, { ...callChecks, output: optionIs.text });
  const output = options.output ?? defaultStorePath();
  const source = openFile(from);
  try {
    const imported = await replaceFile(output, async (file, temporary) => {
      for await (const chunk of source.read(0, source.size, { signal: options.signal })) await file.writeFile(chunk);
      const bytes = openFileBytes(temporary);
      try {
        const store = await openStore(bytes, { ...platformEngine, label: from, signal: options.signal });
        await store.verify({ signal: options.signal });
        return { revision: store.revision, sources: store.sources, counts: store.counts };
      } finally {
        await bytes.close();
      }
    });
    // What changed over the store that was there says nothing of this one.
    await rm(changesPath(output), { force: true });
    return imported;
  } finally {
    await source.close();
  }
}
