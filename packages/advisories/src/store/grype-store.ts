import { ScanError, bytesInMemory, checkOptions, optionIs } from "@plimsoll/model";
import type { CallOptions, RandomAccessBytes } from "@plimsoll/model";
import { grypeDb } from "../feeds/grype-db/index.ts";
import { buildStore } from "./build-store.ts";
import type { BuildOptions, BuildResult } from "./build-store.ts";
import { openStore, storeChecks } from "./open-store.ts";
import type { OpenStoreOptions, StoreFile } from "./open-store.ts";

/** Whether a file that begins with these bytes is an SQLite database, as Grype's is. */
export function isSqlite(head: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(head.subarray(0, 16)) === "SQLite format 3\0";
}

/** What {@link convertGrypeDatabase} may be told. */
export interface ConvertGrypeOptions extends Pick<BuildOptions, "output" | "scratch" | "memory" | "signal"> {
  /** What the file is called in error messages. */
  readonly label?: string | undefined;
}

/**
 * Reads Grype's database (schema 6, `vulnerability.db`) from end to end and writes it as a store: it arrives without
 * indexes, so every look-up in the file itself would read whole tables.
 * @throws ScanError `store-unreadable` when it is no such database, or any part of it cannot be read.
 */
export async function convertGrypeDatabase(
  bytes: RandomAccessBytes,
  options: ConvertGrypeOptions,
): Promise<BuildResult> {
  checkOptions("convertGrypeDatabase", options, {
    output: optionIs.having("write"),
    scratch: optionIs.call,
    memory: optionIs.count,
    label: optionIs.text,
    signal: optionIs.signal,
  });
  const { output, scratch, memory, signal } = options;
  const document = { name: "vulnerability.db", content: bytes.read(0, bytes.size), bytes };
  const result = await buildStore({ output, scratch, memory, signal, documents: [document], feeds: [grypeDb] });
  const [problem] = result.diagnostics;
  if (problem === undefined) return result;
  // As a feed, what can be reached counts; as a database of its own, half of it would be taken for the whole.
  throw new ScanError({
    kind: "store-unreadable",
    label: options.label ?? "vulnerability.db",
    reason: problem.message,
  });
}

/**
 * Grype's database as it was downloaded, converted in memory. Where there is a disk, {@link convertGrypeDatabase} once and
 * keep the store.
 * @throws ScanError `store-unreadable` when it is no such database, or any part of it cannot be read.
 */
export async function openGrypeStore(
  bytes: RandomAccessBytes,
  options: OpenStoreOptions & CallOptions = {},
): Promise<StoreFile> {
  checkOptions("openGrypeStore", options, storeChecks);
  const chunks: Uint8Array[] = [];
  const output = { write: (chunk: Uint8Array) => void chunks.push(chunk) };
  const { size } = await convertGrypeDatabase(bytes, { output, label: options.label, signal: options.signal });
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return openStore(bytesInMemory(whole), options);
}
