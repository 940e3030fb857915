// What a store was built from, as the update that built it noted beside it. Apart from the building, since every scan with the
// default database asks this, and few build one.
import { parseJson } from "@plimsoll/formats";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "@plimsoll/advisories";
import type { StoreFile } from "@plimsoll/advisories";
import { ScanError } from "@plimsoll/model";
import { openFileBytes } from "../file-bytes.ts";
import { platformEngine } from "../platform-engine.ts";
import { feedsFolder } from "../store-path.ts";

/** Which state of the documents a store was built from. */
export interface BuiltFrom {
  /** Revision of the store, by which a store from elsewhere in its place is recognised. */
  readonly revision: string;
  /** Size and time of each document, by its name. */
  readonly documents: Documents;
  /** The documents that store and increment together were built from, where there is an increment. */
  readonly changed?: Documents;
}

/** Size and time of each document, by its name. */
export type Documents = Readonly<Record<string, string>>;

/** Whether the store at this path was built from the documents beside it, rather than put there by other means. */
export async function isBuiltFromFeeds(output: string): Promise<boolean> {
  const base = await openBase(output);
  await base?.close?.();
  return base !== undefined;
}

/** The store in place without its increment; undefined when it is none that was built from the documents. */
export async function openBase(output: string): Promise<StoreFile | undefined> {
  try {
    const bytes = openFileBytes(output);
    try {
      const store = await openStore(bytes, { ...platformEngine, label: output });
      if ((await readBuiltFrom(output))?.revision === store.revision) return store;
    } catch (error) {
      // Whatever is wrong with it, it will be built anew.
      if (!(error instanceof ScanError)) throw error;
    }
    await bytes.close();
  } catch {
    // There is none.
  }
  return undefined;
}

/** Path of the file with the record about the store at `output`. */
export function statePath(output: string): string {
  return join(feedsFolder(output), "built.json");
}

/** The record about the store at this path; undefined where there is none. */
export async function readBuiltFrom(output: string): Promise<BuiltFrom | undefined> {
  try {
    // as: written by this file, and what is missing of it is looked at below.
    const state = parseJson(await readFile(statePath(output), "utf8")) as Partial<BuiltFrom> | null;
    const { revision, documents, changed } = state ?? {};
    return typeof revision === "string" && typeof documents === "object" && documents !== null
      ? { revision, documents, ...(typeof changed === "object" && changed !== null ? { changed } : {}) }
      : undefined;
  } catch {
    return undefined;
  }
}
