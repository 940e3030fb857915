import { FormatError } from "../format-error.ts";
import { openZipBytes } from "./open-zip.ts";

/** Every byte sequence gives entries or a FormatError; contents stay within what was allowed, and are the same in pieces. */
export function fuzz(input: Uint8Array): void {
  try {
    const archive = openZipBytes(input, { maxTotalBytes: 16 * 1024 * 1024 });
    let total = 0;
    for (const entry of archive.entries) total += read(archive, entry);
    if (total > 16 * 1024 * 1024) throw new Error(`${total} bytes came out`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

function read(
  archive: ReturnType<typeof openZipBytes>,
  entry: ReturnType<typeof openZipBytes>["entries"][number],
): number {
  try {
    const { length } = archive.read(entry);
    let inPieces = 0;
    for (const piece of archive.pieces(entry)) inPieces += piece.length;
    if (inPieces !== length) throw new Error(`${length} bytes, and ${inPieces} in pieces`);
    return length;
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}
