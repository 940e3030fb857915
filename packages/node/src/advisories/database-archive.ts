import { open, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { decompress, FormatError, jsonIn, readTar, textField } from "@plimsoll/formats";
import type { ByteStream, CallOptions } from "@plimsoll/model";
import { nativeDecompressors } from "../image/native-decompressors.ts";
import { storeFileName } from "./store-path.ts";

/** Names of the files of databases in archives. */
export const databaseFiles: Readonly<Record<"store" | "trivy" | "grype" | "java", string>> = {
  store: storeFileName,
  trivy: "trivy.db",
  grype: "vulnerability.db",
  java: "trivy-java.db",
};

/** Name of Trivy's metadata file, beside its databases. */
export const metadataFile = "metadata.json";

/** Databases expand some ten times; what comes to much more is written to fill the disk. Judged once there is much of it. */
const maxExpansion = 200;
const expansionGrace = 64 * 1024 * 1024;

/** `metadata.json` has a few lines. */
const maxMetadataBytes = 1024 * 1024;

/**
 * Unpacks only the databases of an archive (tar, compressed or not) into a folder. Returns the names of {@link databaseFiles} that it contained.
 * @throws FormatError when it is damaged or expands too much, NodeJS.ErrnoException when the disk is full.
 */
export async function unpackDatabases(
  archive: ByteStream,
  folder: string,
  options: CallOptions = {},
): Promise<ReadonlySet<string>> {
  const wanted: ReadonlySet<string> = new Set(Object.values(databaseFiles));
  const found = new Set<string>();
  for await (const entry of readTar(expanded(archive))) {
    options.signal?.throwIfAborted();
    // Names in archives are not trusted: only the last part of one is used, and only when it is a known one.
    const name = basename(entry.name);
    if (entry.type !== "file" || found.has(name)) continue;
    if (wanted.has(name)) {
      const path = join(folder, name);
      await writeStream(entry.content(), path, options);
      found.add(name);
    } else if (name === metadataFile && entry.size <= maxMetadataBytes) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.content()) chunks.push(chunk.slice());
      await writeFile(join(folder, name), Buffer.concat(chunks));
    }
  }
  return found;
}

async function* expanded(archive: ByteStream): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      packed += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of decompress(counted(), nativeDecompressors)) {
    bytes += chunk.length;
    if (bytes > expansionGrace && bytes > maxExpansion * packed) {
      const detail = `the archive expands to more than ${maxExpansion} times its size`;
      throw new FormatError("database-archive", "limit-exceeded", detail);
    }
    yield chunk;
  }
}

/** Writes a stream to a new file. @throws what the stream throws, NodeJS.ErrnoException when there is no room for it. */
export async function writeStream(content: ByteStream, path: string, options: CallOptions = {}): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    for await (const chunk of content) {
      options.signal?.throwIfAborted();
      // Written before the next one is asked for: its memory may be used again.
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}

/** `UpdatedAt` of a `metadata.json`, RFC 3339; undefined when there is none. */
export function readUpdatedAt(metadata: string): string | undefined {
  return textField(jsonIn(metadata), "UpdatedAt");
}
