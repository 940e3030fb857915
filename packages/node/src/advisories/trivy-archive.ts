import { decompress, readTar } from "@plimsoll/formats";
import type { ByteStream, CallOptions, RandomAccessBytes } from "@plimsoll/model";
import { ScanError } from "@plimsoll/model";
import { nativeDecompressors } from "../image/native-decompressors.ts";
import { spoolToDisk } from "../image/spool-to-disk.ts";

/** What a Trivy database is distributed as: `db.tar.gz` with the database and its metadata. */
export interface TrivyArchive {
  readonly database: RandomAccessBytes & { close(): Promise<void> };
  /** Of `metadata.json`, RFC 3339. */
  readonly updatedAt?: string;
}

/** `metadata.json` has a few lines. */
const maxMetadataBytes = 1024 * 1024;

/**
 * Unpacks the archive to where it can be read at random.
 * @throws ScanError `store-unreadable` when it holds no database, FormatError when it is damaged.
 */
export async function openTrivyArchive(
  archive: ByteStream,
  label: string,
  options: CallOptions = {},
): Promise<TrivyArchive> {
  let database: TrivyArchive["database"] | undefined;
  let updatedAt: string | undefined;
  for await (const entry of readTar(decompress(archive, nativeDecompressors))) {
    const name = entry.name.replace(/^\.\//, "");
    if (name === "trivy.db" && database === undefined) database = await spoolToDisk(entry.content(), options);
    if (name === "metadata.json" && entry.size <= maxMetadataBytes) updatedAt = await readUpdatedAt(entry.content());
  }
  if (database === undefined) {
    throw new ScanError({ kind: "store-unreadable", label, reason: "there is no trivy.db in this archive" });
  }
  return { database, ...(updatedAt === undefined ? {} : { updatedAt }) };
}

async function readUpdatedAt(content: ByteStream): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk.slice());
  try {
    const metadata: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const updatedAt: unknown = (metadata as { UpdatedAt?: unknown } | null)?.UpdatedAt;
    return typeof updatedAt === "string" ? updatedAt : undefined;
  } catch {
    return undefined;
  }
}
