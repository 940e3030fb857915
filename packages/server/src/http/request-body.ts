import { jsonIn } from "@plimsoll/formats";
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
  const value = jsonIn(bytes);
  if (value === undefined) throw new HttpError(400, "the body is no JSON");
  return value;
}

/** The bytes of a request's body. @throws HttpError 413 above `limit` bytes, 408 when a timeout passes. */
export async function readBytes(request: Request, limit: number, patience: BodyPatience = {}): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyOf(request, limit, { total: documentTime, ...patience })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Timeouts for a request body, in milliseconds. */
export interface BodyPatience {
  /** The longest time between two chunks. Absent: a minute. */
  readonly silence?: number | undefined;
  /** The longest time for the whole body. Absent: no limit. */
  readonly total?: number | undefined;
}

/** Milliseconds that a document has to arrive: a client that sends a byte now and then would keep its place for hours. */
const documentTime = 300_000;

/** The body of a request in chunks. @throws HttpError 413 above `limit` bytes, 408 when a timeout passes. */
export async function* bodyOf(
  { body }: Request,
  limit: number,
  { silence = 60_000, total = Number.POSITIVE_INFINITY }: BodyPatience = {},
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  const started = performance.now();
  let size = 0;
  try {
    for (;;) {
      const left = Math.min(silence, started + total - performance.now());
      const { done, value } = await within(reader.read(), left);
      if (done) return;
      size += value.length;
      if (size > limit) throw tooLarge(limit);
      yield value;
    }
  } finally {
    // Not waited for: who sends nothing does not hear it either.
    reader.cancel().catch(() => undefined);
  }
}

function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new HttpError(408, "the body did not come to its end in time")),
      Math.max(0, milliseconds),
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `the body is larger than ${limit} bytes`);
}
