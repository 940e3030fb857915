import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ScanError } from "@plimsoll/model";
import { isProcessGone } from "./process-gone.ts";

/** What processes that are gone left behind is removed when it has not been written for this long, in milliseconds. */
const litterAge = 10 * 60 * 1000;

/**
 * Writes a new file and replaces `output` with it atomically: readers see the old or the new file, never a part. When anything fails, the old file
 * stays and temporary files are removed.
 * @param write writes the content; files that it leaves under the name `temporary` followed by a dot are removed, too.
 * @throws what `write` throws, NodeJS.ErrnoException when there is no room or no permission, ScanError `invalid-option`
 * when `output` is there and is no plain file.
 */
export async function replaceFile<T>(
  output: string,
  write: (file: FileHandle, temporary: string) => Promise<T>,
): Promise<T> {
  await refuseOtherThanFile(output);
  // Whatever umask there is, not everybody may write to what is believed later.
  await mkdir(dirname(output), { recursive: true, mode: 0o755 });
  const temporary = `${output}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  const file = await open(temporary, "wx", 0o644);
  try {
    await dropLitter(output, temporary);
    const result = await write(file, temporary);
    await file.sync();
    await file.close();
    await rename(temporary, output);
    return result;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Putting a file in the place of a device or a link (`/dev/stdout` is one) would take it from everybody else. */
async function refuseOtherThanFile(output: string): Promise<void> {
  const found = await lstat(output).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? "a directory" : found.isSymbolicLink() ? "a link" : "a device or a pipe";
  const reason = `${output} is ${what}; name a file, which need not be there yet`;
  throw new ScanError({ kind: "invalid-option", option: "output", reason });
}

/** A process that was killed could not clean up. Ages are told by the file system's own clock. */
async function dropLitter(output: string, temporary: string): Promise<void> {
  const folder = dirname(output);
  const prefix = `${basename(output)}.`;
  const { mtimeMs: now } = await stat(temporary);
  for (const name of await readdir(folder)) {
    const maker = name.startsWith(prefix)
      ? /^(\d+)\.[0-9a-f]{8}\.tmp(?:\.\d+)?$/.exec(name.slice(prefix.length))
      : null;
    if (maker === null || !isProcessGone(Number(maker[1]))) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > litterAge) await rm(path, { force: true });
  }
}
