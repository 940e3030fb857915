import { FormatError, parseJson } from "@plimsoll/formats";
import type { CallOptions, Diagnostic, FeedDocument } from "@plimsoll/model";

/** Bytes of a document that is read as a whole. The largest real ones (a year of NVD) are below half of it. */
const maxDocumentBytes: number = 512 * 1024 * 1024;

/**
 * The whole content of a document.
 * @throws FormatError above `limit` bytes.
 */
export async function documentBytes(
  document: FeedDocument,
  options: CallOptions = {},
  limit: number = maxDocumentBytes,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of document.content) {
    options.signal?.throwIfAborted();
    length += chunk.length;
    if (length > limit) throw new FormatError("document", "limit-exceeded", `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** UTF-8 as text; invalid sequences become U+FFFD, a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/**
 * The document as JSON.
 * @throws FormatError when it is too large or no JSON; {@link malformed} tells either.
 */
export async function documentJson(document: FeedDocument, options: CallOptions = {}): Promise<unknown> {
  return parseJson(decodeText(await documentBytes(document, options)));
}

/** The diagnostic for a document, or a part of one, that cannot be read. */
export function malformed(path: string, reason: unknown): Diagnostic {
  const text = reason instanceof Error ? reason.message : String(reason);
  return {
    kind: "diagnostic",
    code: "malformed-advisory",
    effect: "incomplete",
    message: `Cannot read ${path}: ${text.slice(0, 200)}`,
    location: { path },
  };
}
