import { HttpError } from "./http-error.ts";

/** What clients say that were not told what they send: `fetch` of a text, and `curl --data`. */
const unsaid: ReadonlySet<string> = new Set(["", "text/plain", "application/x-www-form-urlencoded"]);

/**
 * The JSON of a request's body.
 * @throws HttpError 415 for another media type, 413 above `limit` bytes, 400 for what is no JSON.
 */
export async function readJson(request: Request, mediaTypes: readonly string[], limit: number): Promise<unknown> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!mediaTypes.includes(type) && !unsaid.has(type))
    throw new HttpError(415, `the body is ${type}; it must be ${mediaTypes.join(" or ")}`);
  const bytes = await readBytes(request, limit);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new HttpError(400, "the body is no JSON");
  }
}

/** The bytes of a request's body. @throws HttpError 413 above `limit`. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `the body is larger than ${limit} bytes`);
}
