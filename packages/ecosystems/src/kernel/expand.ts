import { FormatError, concatBytes, decompress } from "@plimsoll/formats";
import type { AnalyzedFile, ByteStream } from "@plimsoll/model";

/**
 * The plain bytes of a file that may be compressed. Its decompressed bytes count against the budget of nested archives.
 * @throws FormatError for damaged files, and for those that come to more than `maxBytes`.
 */
export async function* expanded(file: AnalyzedFile, input: ByteStream, maxBytes: number): AsyncGenerator<Uint8Array> {
  const budget = file.nested;
  const allowed = Math.min(maxBytes, budget?.bytes ?? maxBytes);
  let size = 0;
  for await (const chunk of decompress(input)) {
    size += chunk.length;
    if (budget !== undefined) budget.bytes -= chunk.length;
    if (size > allowed) {
      if (budget !== undefined && allowed < maxBytes) budget.isSpent = true;
      throw new FormatError("kernel", "limit-exceeded", `it comes to more than ${allowed} bytes`);
    }
    yield chunk;
  }
}

/** All of a stream as one piece. */
export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return concatBytes(parts);
}
