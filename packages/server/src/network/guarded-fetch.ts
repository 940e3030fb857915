import { Readable } from "node:stream";
import { askGuarded } from "./guarded-download.ts";
import type { HostRules } from "./address-rules.ts";

/** Answers that have no body, by the Fetch standard. */
const withoutBody = new Set([101, 103, 204, 205, 304]);

/**
 * A `fetch` that applies the host rules to every connection, for clients that follow redirects themselves; it follows none. It supports GET, HEAD,
 * and POST with a text body.
 */
export function guardedFetch(rules: HostRules): typeof fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init);
    const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name, [value]]));
    const body = request.method === "POST" ? await request.text() : undefined;
    const answer = await askGuarded(new URL(request.url), headers, {
      rules,
      signal: request.signal,
      method: request.method,
      ...(body === undefined ? {} : { body }),
    });
    const status = answer.statusCode ?? 502;
    const empty = request.method === "HEAD" || withoutBody.has(status);
    if (empty) answer.resume();
    const fields = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    );
    // as: Node's type of the same stream
    return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), {
      status,
      headers: fields,
    });
  };
}
