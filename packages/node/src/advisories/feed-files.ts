import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareText } from "@plimsoll/model";
import type { AdvisoryFeed, FeedDocument } from "@plimsoll/model";
import { openFileBytes } from "./file-bytes.ts";

/** Directories deeper than this hold no feed. */
const maxDepth = 8;

/** A file that some feed reads. */
export interface FeedFile {
  /** Name within its feed: the path below the directory it was found in. */
  readonly name: string;
  readonly path: string;
}

/**
 * Lists the feed files under directories (an OSV mirror, folders named after feeds) and the files given by themselves,
 * sorted by name. Files that no feed accepts are not listed.
 * @throws NodeJS.ErrnoException when one of the paths does not exist.
 */
export async function listFeedFiles(from: readonly string[], feeds: readonly AdvisoryFeed[]): Promise<FeedFile[]> {
  const found: FeedFile[] = [];
  for (const path of from) {
    const info = await stat(path);
    // A single file keeps its folder, which for OSV names the ecosystem.
    if (info.isFile()) found.push({ name: path.split(/[\\/]/).slice(-2).join("/"), path });
    else await walk(path, "", 0, found);
  }
  return found
    .filter((file) => feeds.some((feed) => feed.accepts(file.name)))
    .sort((a, b) => compareText(a.name, b.name) || compareText(a.path, b.path));
}

async function walk(directory: string, prefix: string, depth: number, found: FeedFile[]): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    const name = prefix + entry.name;
    if (entry.isDirectory() && depth < maxDepth) await walk(path, `${name}/`, depth + 1, found);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) found.push({ name, path });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The files as documents, each open only while it is read. */
export async function* feedDocuments(files: readonly FeedFile[]): AsyncGenerator<FeedDocument> {
  for (const { name, path } of files) {
    const bytes = openFileBytes(path);
    try {
      yield { name, content: bytes.read(0, bytes.size), bytes };
    } finally {
      await bytes.close();
    }
  }
}
