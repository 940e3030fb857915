import { openStore, openTrivyStore } from "@plimsoll/advisories";
import type { OpenStoreOptions, SourceCounts, StoreFile } from "@plimsoll/advisories";
import { FormatError, sniffCompression } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { AdvisoryStore, SourceInfo } from "@plimsoll/model";
import { openFileBytes } from "./file-bytes.ts";
import { platformEngine } from "./platform-engine.ts";
import { openTrivyArchive } from "./trivy-archive.ts";

/** An opened database; what only a store of our own knows is absent for others. */
export interface OpenedAdvisories
  extends AdvisoryStore, Partial<Pick<StoreFile, "namespaces" | "counts" | "size" | "verify">> {
  readonly sources: readonly (SourceInfo & Partial<SourceCounts>)[];
}

/**
 * Opens a database for look-ups, whatever its name: a store file, or Trivy's database as `trivy.db` or `db.tar.gz`. It may be
 * replaced meanwhile; what was opened goes on with the old one.
 * @throws ScanError `store-missing` when there is no such file, `store-unreadable` when it is none of these.
 */
export async function openAdvisories(path: string, options: OpenStoreOptions = {}): Promise<OpenedAdvisories> {
  let bytes: ReturnType<typeof openFileBytes>;
  try {
    bytes = openFileBytes(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const reason =
      code === "ENOENT"
        ? "there is no such file; make one with `plimsoll db build` or `plimsoll db update`"
        : cause instanceof Error
          ? cause.message
          : String(cause);
    throw new ScanError({ kind: "store-missing", label: path, reason }, { cause });
  }
  try {
    return await openByContent(bytes, path, options);
  } catch (error) {
    await bytes.close();
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "store-unreadable", label: path, reason: error.message }, { cause: error });
  }
}

async function openByContent(
  bytes: ReturnType<typeof openFileBytes>,
  label: string,
  options: OpenStoreOptions,
): Promise<OpenedAdvisories> {
  const head = bytes.readSync?.(0, 32) ?? new Uint8Array();
  if (sniffCompression(head) !== undefined) {
    const { database, updatedAt } = await openTrivyArchive(bytes.read(0, bytes.size), label, options);
    await bytes.close();
    return openTrivyStore(database, { label, updatedAt });
  }
  // The first page of a bbolt file: its number, zero, flags "meta", then the magic number.
  const isBolt = [0xed, 0xda, 0x0c, 0xed].every((byte, at) => head[16 + at] === byte);
  return isBolt ? openTrivyStore(bytes, { label }) : openStore(bytes, { ...platformEngine, label, ...options });
}
