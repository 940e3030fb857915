import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ScanError } from "@plimsoll/model";
import type { RandomAccessBytes } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";
import { handleBytes } from "./handle-bytes.ts";

/**
 * A file's bytes, open until closed.
 * @throws ScanError `image-not-found` when there is no such file, `unsupported-image` when it cannot be opened or is no file.
 */
export async function fileBytes(path: string): Promise<RandomAccessBytes & { close(): Promise<void> }> {
  const handle = await openFile(path);
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new ScanError({ kind: "unsupported-image", label: path, reason: "it is neither a file nor a directory" });
  }
  return handleBytes(handle, stats.size, path);
}

/**
 * Flags for opening files without waiting: opening a pipe without a writer would otherwise block, and cannot be aborted. Windows has no such flag.
 */
export const withoutWaiting: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, withoutWaiting);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new ScanError({ kind: "image-not-found", label: path, reason: "no such file or directory" }, { cause });
    throw new ScanError({ kind: "unsupported-image", label: path, reason: errorMessage(cause) }, { cause });
  }
}
