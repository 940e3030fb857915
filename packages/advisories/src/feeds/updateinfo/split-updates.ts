import { FormatError } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";

/** Characters of one update; the largest real ones, of kernels with all their packages, are below one million. */
const maxUpdateLength = 8 * 1024 * 1024;

const closing = "</update>";

/**
 * The `<update>` elements of a document as texts of their own, so that documents of any size are read with the memory of one.
 * @throws FormatError when one does not end.
 */
export async function* splitUpdates(content: ByteStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of content) {
    rest += decoder.decode(chunk, { stream: true });
    let start = openingAt(rest, 0);
    for (let end = rest.indexOf(closing, start); start >= 0 && end >= 0; end = rest.indexOf(closing, start)) {
      yield rest.slice(start, end + closing.length);
      rest = rest.slice(end + closing.length);
      start = openingAt(rest, 0);
      if (start < 0) break;
    }
    // Before an update there is nothing of interest, but its first characters may be the last of this chunk.
    rest = start < 0 ? rest.slice(-16) : rest.slice(start);
    if (rest.length > maxUpdateLength) throw new FormatError("updateinfo", "limit-exceeded", "an update does not end");
  }
  if (openingAt(rest + decoder.decode(), 0) >= 0)
    throw new FormatError("updateinfo", "truncated", "an update does not end");
}

/** Offset of the next start tag of an `update`, and not of `updates`; -1 when there is none. */
function openingAt(text: string, from: number): number {
  for (let at = text.indexOf("<update", from); at >= 0; at = text.indexOf("<update", at + 1)) {
    if (/[\s>]/.test(text[at + 7] ?? "")) return at;
  }
  return -1;
}
