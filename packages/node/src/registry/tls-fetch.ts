import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";

/** What the engine's own `fetch` cannot be told. */
export interface TlsOptions {
  /** PEM certificates of authorities to trust instead of the built-in ones. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Accept any certificate. For tests of private registries only. */
  readonly insecure?: boolean | undefined;
}

/** A `fetch` for GET and POST that trusts other certificate authorities. Redirects are the caller's business. */
export function tlsFetch(tls: TlsOptions): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const body =
        init.body === undefined || init.body === null ? undefined : String(init.body as URLSearchParams | string);
      const headers = {
        ...Object.fromEntries(new Headers(init.headers)),
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      };
      const options = {
        method: init.method ?? "GET",
        headers,
        ...(init.signal === undefined || init.signal === null ? {} : { signal: init.signal }),
        ...(tls.ca === undefined ? {} : { ca: [tls.ca].flat().map((pem) => Buffer.from(pem as string)) }),
        ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
      };
      const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, (response) => {
        const answer = new Headers();
        for (const [name, value] of Object.entries(response.headers))
          for (const part of [value ?? []].flat()) answer.append(name, part);
        const status = response.statusCode ?? 500;
        const empty = status === 204 || status === 304;
        if (empty) response.resume();
        resolve(
          new Response(empty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>), {
            status,
            headers: answer,
          }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });
}
