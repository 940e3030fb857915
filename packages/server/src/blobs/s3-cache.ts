import { createHash } from "node:crypto";
import {
  ScanError,
  bodyChunks,
  checkOptions,
  collectBytes,
  firstBytes,
  optionIs,
  reasonOf,
  request,
} from "@plimsoll/model";
import type { Cache } from "@plimsoll/model";
import { signRequest } from "./sigv4.ts";
import type { SigningCredentials } from "./sigv4.ts";

/** A bucket of S3, or of another store with the S3 API. */
export interface S3Options {
  readonly bucket: string;
  /** In front of the names of all objects: `plimsoll/layers`. */
  readonly prefix?: string | undefined;
  readonly region: string;
  /** Absent: AWS. `https://minio.internal:9000`: the bucket is then the first part of the path. */
  readonly endpoint?: string | undefined;
  /** Called for each request, so that temporary credentials can be renewed. */
  readonly credentials: () => SigningCredentials | Promise<SigningCredentials>;
  /** Absent: the engine's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Called from time to time with the reason why the bucket cannot be used; results are then computed again. */
  readonly onProblem?: ((reason: string) => void) | undefined;
  /** The clock. Absent: the system's. */
  readonly now?: (() => Date) | undefined;
  /** Milliseconds before the second attempt, doubled for each further one. Absent: 200. */
  readonly backoff?: number | undefined;
}

/** How many milliseconds reading or writing one object may take, repetitions included. */
const timeout = 120_000;

/** Bytes of one object; the service takes no larger results of layers. */
const maxObjectBytes = 256 * 1024 * 1024;

/** Bytes in front of the value: the digest of key and value. */
const digestBytes = 32;

/** How many milliseconds pass before the same problem is reported again. */
const silence = 60_000;

/**
 * A cache in a bucket, for any number of machines, by `GET` and `PUT` signed with Signature Version 4. Objects carry a digest of key and content,
 * and one that does
 * not match counts as absent. A bucket that cannot be reached makes scans slower, never wrong. Nothing is removed: a lifecycle rule of the bucket
 * does that.
 * @throws TypeError for an invalid option.
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
  const transport = { fetch: options.fetch, retries: 3, backoff, totalTimeout: timeout };
  let quietUntil = 0;
  const complain = (reason: string): void => {
    const time = now().getTime();
    if (time < quietUntil) return;
    quietUntil = time + silence;
    options.onProblem?.(reason);
  };

  /** The answer; undefined after it was said why there is none. */
  async function ask(method: "GET" | "PUT", key: string, body?: Uint8Array): Promise<Response | undefined> {
    const url = `${base}${nameOf(key)}`;
    const headers = body === undefined ? {} : { "content-type": "application/octet-stream" };
    try {
      const scope = { credentials: await credentials(), region, service: "s3", now: now() };
      const signed = signRequest({ method, url, headers, body }, scope);
      // What is signed for one address is refused at another.
      const outgoing = { method, url, headers: signed, body, secretBody: true, redirects: "refuse" } as const;
      const response = await request(outgoing, transport);
      if (response.ok || response.status === 404) return response;
      // A refusal whose words do not come is one nevertheless.
      const words = await firstBytes(bodyChunks(response, transport), 300).catch(() => new Uint8Array());
      complain(`it answers ${response.status}: ${textOf(words)}`);
    } catch (error) {
      complain(error instanceof ScanError && error.failure.kind === "network" ? error.failure.reason : reasonOf(error));
    }
    return undefined;
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
        const stored = await collectBytes(bodyChunks(response, transport), "The object of a layer", maxObjectBytes);
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

/** The address to which the names of objects are appended. @throws TypeError for an option that is not valid */
function baseOf({ bucket, prefix = "", region, endpoint }: S3Options): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new TypeError(`bucket: "${bucket}" is no bucket's name`);
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new TypeError(`region: "${region}" is no region's name`);
  if (!/^[\w./-]{0,512}$/.test(prefix)) throw new TypeError("prefix: it may have only letters, digits and - _ . /");
  const path = prefix.split("/").filter((part) => part !== "");
  if (path.some((part) => part === "." || part === ".."))
    throw new TypeError("prefix: no part may be . or .., which URLs leave out");
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
