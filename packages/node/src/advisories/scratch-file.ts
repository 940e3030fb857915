import { open, rm } from "node:fs/promises";
import type { ScratchFile } from "@plimsoll/advisories";

/** Scratch space in a file that is deleted when it is discarded. @throws NodeJS.ErrnoException when it cannot be made. */
export async function openScratchFile(path: string): Promise<ScratchFile> {
  const file = await open(path, "wx+");
  let length = 0;
  return {
    async append(bytes) {
      await file.write(bytes, 0, bytes.length, length);
      length += bytes.length;
    },
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    },
    async discard() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}
