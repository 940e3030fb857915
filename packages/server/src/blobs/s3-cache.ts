import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { checkOptions, optionIs, collectBytes, firstBytes } from "@plimsoll/model";
import type { Cache } from "@plimsoll/model";
import { signRequest } from "./sigv4.ts";
import type { SigningCredentials } from "./sigv4.ts";

/** A bucket of S3, or of a store that speaks its API. */
export interface S3Options {
  readonly bucket: string;
  /** In front of the names of all objects: `plimsoll/layers`. */
  readonly prefix?: string | undefined;
  readonly region: string;
  /** Absent: AWS. `https://minio.internal:9000`: the bucket is then the first part of the path. */
  readonly endpoint?: string | undefined;
  /** Asked for each request, so that those that hold for a while can be renewed. */
  readonly credentials: () => SigningCredentials | Promise<SigningCredentials>;
  /** Absent: the engine's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Told once in a while why the bucket cannot be used; results are then computed anew. */
  readonly onProblem?: ((reason: string) => void) | undefined;
  /** The clock. Absent: the system's. */
  readonly now?: (() => Date) | undefined;
  /** Milliseconds before the second attempt, doubled for each further one; 200 unless told. */
  readonly backoff?: number | undefined;
}

const attempts = 4;

/** Milliseconds for one request. */
const timeout = 60_000;

/** Bytes of one object; the service takes no larger results of layers. */
const maxObjectBytes = 256 * 1024 * 1024;

/** Bytes in front of the value: the digest of key and value. */
const digestBytes = 32;

/** Milliseconds between two words about the same trouble. */
const silence = 60_000;

/** Requests that are worth another attempt: too many, or a server's trouble that passes. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * A cache in a bucket, for any number of machines, by `GET` and `PUT` signed with Signature Version 4. Objects carry a digest of key and content, and one that does
 * not match counts as absent. A bucket that cannot be reached makes scans slower, never wrong. Nothing is removed: a lifecycle rule of the bucket does that.
 * @throws TypeError when an option means nothing.
 */
export function s3Cache(options: S3Options): Cache {
  checkOptions("s3Cache", options, {
    bucket: optionIs.text,
    prefix: optionIs.text,
    region: optionIs.text,
    endpoint: optionIs.text,
    credentials: optionIs.call,
    fetch: optionIs.call,
    onProblem: optionIs.call,
    now: optionIs.call,
    backoff: optionIs.count,
  });
  const base = baseOf(options);
  const { region, credentials, now = () => new Date(), backoff = 200 } = options;
  let quietUntil = 0;
  const complain = (reason: string): void => {
    const time = now().getTime();
    if (time < quietUntil) return;
    quietUntil = time + silence;
    options.onProblem?.(reason);
  };

  async function send(method: "GET" | "PUT", url: string, body?: Uint8Array): Promise<Response> {
    const headers = body === undefined ? {} : { "content-type": "application/octet-stream" };
    const scope = { credentials: await credentials(), region, service: "s3", now: now() };
    const signed = signRequest({ method, url, headers, body }, scope);
    return (options.fetch ?? fetch)(url, {
      method,
      headers: signed,
      redirect: "error",
      signal: AbortSignal.timeout(timeout),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }), // as: never shared memory
    });
  }

  /** The answer; undefined after it was said why there is none. */
  async function ask(method: "GET" | "PUT", key: string, body?: Uint8Array): Promise<Response | undefined> {
    const url = `${base}${nameOf(key)}`;
    for (let attempt = 1; ; attempt++) {
      let reason: string;
      try {
        const response = await send(method, url, body);
        if (response.ok || response.status === 404) return response;
        reason = `it answers ${response.status}: ${textOf(await firstBytes(response.body, 300))}`;
        if (!passing.has(response.status)) return void complain(reason);
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        reason = cause instanceof Error ? cause.message : String(cause);
      }
      if (attempt === attempts) return void complain(reason);
      await pause(backoff * 2 ** (attempt - 1));
    }
  }

  return {
    async get(key) {
      const response = await ask("GET", key);
      if (response === undefined) return undefined;
      if (!response.ok) {
        await response.body?.cancel();
        return undefined;
      }
      try {
        const stored = await collectBytes(response.body, "The object of a layer", maxObjectBytes);
        const value = stored.subarray(digestBytes);
        return sealOf(key, value).equals(stored.subarray(0, digestBytes)) ? value : undefined;
      } catch {
        // The connection broke, or there is too much: what was not read whole is not there.
        return undefined;
      }
    },
    async set(key, value) {
      if (value.length + digestBytes > maxObjectBytes) return;
      const response = await ask("PUT", key, Buffer.concat([sealOf(key, value), value]));
      await response?.body?.cancel();
    },
  };
}

function sealOf(key: string, value: Uint8Array): Buffer {
  return createHash("sha256").update(`${key}\0`).update(value).digest();
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function nameOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Address that names are added to. @throws TypeError */
function baseOf({ bucket, prefix = "", region, endpoint }: S3Options): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new TypeError(`bucket: "${bucket}" is no bucket's name`);
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new TypeError(`region: "${region}" is no region's name`);
  if (!/^[\w./-]{0,512}$/.test(prefix)) throw new TypeError("prefix: letters, digits and - _ . / alone");
  const path = prefix.split("/").filter((part) => part !== "");
  if (path.some((part) => part === "." || part === ".."))
    throw new TypeError("prefix: a part is a dot, which addresses leave out");
  const below = path.map((part) => `${part}/`).join("");
  if (endpoint !== undefined) {
    if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint))
      throw new TypeError(`endpoint: "${endpoint}" is no http address`);
    return `${new URL(endpoint).href.replace(/\/$/, "")}/${bucket}/${below}`;
  }
  // A certificate of AWS covers one label below its hosts.
  return bucket.includes(".")
    ? `https://s3.${region}.amazonaws.com/${bucket}/${below}`
    : `https://${bucket}.s3.${region}.amazonaws.com/${below}`;
}
