import { existsSync } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { buildStore, feeds as everyFeed } from "@plimsoll/advisories";
import type { BuildResult, StoreFile } from "@plimsoll/advisories";
import { ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import { buildAdvisories } from "../build-advisories.ts";
import { feedDocuments, listFeedFiles } from "../feed-files.ts";
import type { FeedFile } from "../feed-files.ts";
import { platformEngine } from "../platform-engine.ts";
import { replaceFile } from "../replace-file.ts";
import { openScratchFile } from "../scratch-file.ts";
import { changesPath, feedsFolder } from "../store-path.ts";
import { isBuiltFromFeeds, openBase, readBuiltFrom, statePath } from "./built-from.ts";
import type { BuiltFrom, Documents } from "./built-from.ts";

/** More changed records than this are folded into the store: look-ups read both files, and that must stay cheap. */
const maxChanges = 5_000;

/**
 * Whether the store at this path corresponds to the documents beside it. It does not when it was put there by other means, or when an update was
 * interrupted after fetching.
 */
export async function isUpToDate(output: string): Promise<boolean> {
  const state = await readBuiltFrom(output);
  if (state === undefined || !(await isBuiltFromFeeds(output))) return false;
  const held = existsSync(changesPath(output)) ? state.changed : state.documents;
  const documents = await statesOf(await listFeedFiles([feedsFolder(output)], everyFeed(platformEngine)));
  return held !== undefined && isSame(held, documents);
}

function isSame(a: Documents, b: Documents): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * Updates the store at `output` to the documents beside it: few changed records become an increment, otherwise a new store is built.
 * @throws what building throws; the store in place stays.
 */
export async function rebuildStore(output: string, options: CallOptions = {}): Promise<BuildResult> {
  const files = await listFeedFiles([feedsFolder(output)], everyFeed(platformEngine));
  const documents = await statesOf(files);
  const changes = await changedSingles(output, files, documents);
  if (changes !== undefined) {
    const base = await openBase(output);
    if (base !== undefined) {
      try {
        const built = await buildIncrement(output, base, changes.files, options);
        await writeFile(statePath(output), JSON.stringify({ ...changes.before, changed: documents }));
        return built;
      } finally {
        await base.close?.();
      }
    }
  }
  const built = await buildAdvisories({ from: [feedsFolder(output)], output, signal: options.signal });
  const state: BuiltFrom = { revision: built.revision, documents };
  await writeFile(statePath(output), JSON.stringify(state));
  await rm(changesPath(output), { force: true });
  return built;
}

/**
 * Merges a store and its increment into one store, for use elsewhere.
 * @throws ScanError `store-unreadable` when the documents that it was built from are gone.
 */
export async function foldChanges(output: string, options: CallOptions = {}): Promise<void> {
  const changes = await stat(changesPath(output)).catch(() => undefined);
  if (changes === undefined) return;
  if ((await readBuiltFrom(output)) === undefined) {
    const reason = "the documents that it was built from are gone; run `plimsoll db update`";
    throw new ScanError({ kind: "store-unreadable", label: changesPath(output), reason });
  }
  await rm(statePath(output), { force: true });
  await rebuildStore(output, options);
}

/** The single records that are newer than the store; undefined when they are not all that changed, or too many. */
async function changedSingles(
  output: string,
  files: readonly FeedFile[],
  documents: Documents,
): Promise<{ readonly before: BuiltFrom; readonly files: readonly FeedFile[] } | undefined> {
  const before = await readBuiltFrom(output);
  if (before === undefined) return undefined;
  const isGone = Object.keys(before.documents).some((name) => documents[name] === undefined);
  const changed = files.filter(({ name }) => documents[name] !== before.documents[name]);
  const areSingles = changed.every(({ name }) => name.startsWith("osv/") && name.endsWith(".json"));
  return isGone || !areSingles || changed.length > maxChanges ? undefined : { before, files: changed };
}

function buildIncrement(
  output: string,
  base: StoreFile,
  changes: readonly FeedFile[],
  options: CallOptions,
): Promise<BuildResult> {
  let scratches = 0;
  return replaceFile(changesPath(output), (file, temporary) =>
    buildStore({
      documents: feedDocuments(changes),
      feeds: everyFeed(platformEngine),
      base,
      output: { write: (bytes) => file.writeFile(bytes) },
      scratch: () => openScratchFile(`${temporary}.${scratches++}`),
      signal: options.signal,
    }),
  );
}

async function statesOf(files: readonly FeedFile[]): Promise<Documents> {
  const states: Record<string, string> = {};
  for (const { name, path } of files) {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    states[name] = `${size} ${mtimeNs}`;
  }
  return states;
}
