import type { Image, Limits } from "@plimsoll/model";
import { ScanError } from "@plimsoll/model";

/**
 * Reads all layers of an image to their end, with the content of every file as far as `limits.maxEntryBytes`.
 * @throws Error for entries that break the contract of layers: paths that lead out, more entries or bytes than allowed.
 */
export async function readEverything(image: Image, limits: Limits): Promise<void> {
  let total = 0;
  for (const layer of image.layers) {
    let entries = 0;
    for await (const entry of layer.entries({ limits })) {
      if (entry.kind === "diagnostic") continue;
      if (++entries > limits.maxEntriesPerLayer) throw new Error(`${entries} entries in one layer`);
      if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(entry.path) && !(entry.kind === "opaque" && entry.path === ""))
        throw new Error(`${JSON.stringify(entry.path)} is no path of an image`);
      if (entry.kind !== "file") continue;
      total += await contentBytes(entry.content(), limits.maxEntryBytes);
      if (total > limits.maxTotalBytes * 2) throw new Error(`${total} bytes of content`);
    }
  }
}

async function contentBytes(content: AsyncIterable<Uint8Array>, most: number): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > most) break;
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
  return bytes;
}
