import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isSqlite, openJavaDatabase } from "@plimsoll/advisories";
import type { ArtifactIndex } from "@plimsoll/advisories";
import { FormatError } from "@plimsoll/formats";
import { ScanError, checkOptions } from "@plimsoll/model";
import { keepArtifact, keepArtifactChecks } from "./artifact/open-artifact.ts";
import type { KeepArtifactOptions } from "./artifact/open-artifact.ts";
import { artifactScheme } from "./artifact/registry-artifact.ts";
import { databaseFiles, unpackDatabases } from "./database-archive.ts";
import { refuseUnsigned } from "./database-keys.ts";
import { openFileBytes } from "./file-bytes.ts";
import type { FileBytes } from "./file-bytes.ts";
import { keepDatabase } from "./kept-databases.ts";
import type { KeptDatabase } from "./kept-databases.ts";
import { openFile, versionOf } from "./open-advisories.ts";

/**
 * Opens Trivy's Java database, which identifies Java archives by their SHA-1: `trivy-java.db`, the archive that it comes in, or
 * `oci://…` in a registry. Unpacked and fetched databases are kept below the cache directory.
 * @throws ScanError `store-missing` when there is no such file, `store-unreadable` when it is none, `unverified` when none of the keys that are
 * given signed it, and errors of the registry.
 */
export async function openJavaIndex(location: string, options: KeepArtifactOptions = {}): Promise<ArtifactIndex> {
  checkOptions("openJavaIndex", options, keepArtifactChecks);
  if (location.startsWith(artifactScheme)) {
    const kept = await keepArtifact(location, options, async (downloaded, folder) => {
      const bytes = openFileBytes(downloaded);
      try {
        if (isSqlite(bytes.readSync(0, 16))) await rename(downloaded, join(folder, databaseFiles.java));
        else await unpack(bytes, folder, location, options);
      } finally {
        await bytes.close();
      }
    });
    return openKept(kept, location);
  }
  if (options.keys !== undefined) refuseUnsigned(location, "");
  const version = existsSync(location) ? versionOf(location) : "";
  const bytes = openFile(location, "");
  if (isSqlite(bytes.readSync(0, 16))) return openOrClose(bytes, location);
  try {
    const kept = await keepDatabase(resolve(location), version, options, (folder) =>
      unpack(bytes, folder, location, options),
    );
    return await openKept(kept, location);
  } finally {
    await bytes.close();
  }
}

async function unpack(bytes: FileBytes, folder: string, label: string, options: KeepArtifactOptions): Promise<void> {
  try {
    const found = await unpackDatabases(bytes.read(0, bytes.size), folder, options);
    if (!found.has(databaseFiles.java)) throw missing(label);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ScanError({ kind: "store-unreadable", label, reason: cause.message }, { cause });
  }
}

async function openKept(kept: KeptDatabase, label: string): Promise<ArtifactIndex> {
  try {
    const path = join(kept.folder, databaseFiles.java);
    if (!existsSync(path)) throw missing(label);
    return await openOrClose(openFileBytes(path), label);
  } finally {
    await kept.release();
  }
}

function missing(label: string): ScanError {
  const reason = `there is no ${databaseFiles.java} in this archive`;
  return new ScanError({ kind: "store-unreadable", label, reason });
}

async function openOrClose(bytes: FileBytes, label: string): Promise<ArtifactIndex> {
  try {
    return await openJavaDatabase(bytes, { label });
  } catch (error) {
    await bytes.close();
    throw error;
  }
}
