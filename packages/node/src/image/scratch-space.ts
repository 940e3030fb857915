import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScratchSpace } from "@plimsoll/model";

/**
 * Space for a file that is too large for memory: a temporary file that is already unlinked, so that nothing is left behind however the process
 * ends. It is read soon after being written, so the system usually serves it from memory.
 * @throws NodeJS.ErrnoException when no file can be made.
 */
export function scratchSpace(): ScratchSpace {
  const path = join(tmpdir(), `plimsoll-scratch-${randomUUID()}`);
  const descriptor = openSync(path, "wx+", 0o600);
  const unlinked = unlinkIfPossible(path);
  let size = 0;
  let open = true;
  return {
    append(bytes) {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at, size + at);
      size += bytes.length;
    },
    read(start, end) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - Math.max(0, start)));
      let length = 0;
      while (length < bytes.length) {
        const count = readSync(descriptor, bytes, length, bytes.length - length, Math.max(0, start) + length);
        if (count === 0) break;
        length += count;
      }
      return bytes.subarray(0, length);
    },
    close() {
      if (!open) return;
      open = false;
      closeSync(descriptor);
      if (!unlinked) unlinkIfPossible(path);
    },
  };
}

/** Where an open file cannot be unlinked (Windows), it goes when it is closed. */
function unlinkIfPossible(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
