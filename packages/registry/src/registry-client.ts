import { jsonIn, record } from "@plimsoll/formats";
import {
  Patience,
  ScanError,
  bodyChunks,
  checkOptions,
  compareText,
  isDigest,
  optionIs,
  reasonOf,
  requestBytes,
  transportChecks,
} from "@plimsoll/model";
import type { ByteStream, CallOptions, Digest, OptionChecks, RandomAccessBytes } from "@plimsoll/model";
import { parseAnswer } from "./answer.ts";
import { identityOf, loginHint } from "./authorize.ts";
import type { Credentials } from "./credentials.ts";
import { endpointOf } from "./endpoint.ts";
import type { Change, Endpoint } from "./endpoint.ts";
import { parseManifest } from "./manifest.ts";
import type { Descriptor } from "./manifest.ts";
import type { RegistryOptions } from "./registry-options.ts";

/** One repository of a registry, by the OCI distribution specification, version 1.1. */
export interface RegistryRepository {
  /**
   * A manifest or index by tag or digest.
   * @throws ScanError `image-not-found`, `unauthorized` or `network`.
   */
  manifest(reference: string, options?: CallOptions & { readonly maxBytes?: number }): Promise<Uint8Array>;
  /**
   * A blob's bytes; a broken connection is resumed where it ended. `size`: the size that the manifest states, if any.
   * @throws ScanError `limit-exceeded` when there are more bytes than that.
   */
  blob(digest: Digest, size: number | undefined, options?: CallOptions): ByteStream;
  /**
   * Puts a blob where it is not there yet, in pieces of some megabytes.
   * @throws ScanError `unauthorized` or `network`.
   */
  putBlob(digest: Digest, content: RandomAccessBytes, options?: CallOptions): Promise<void>;
  /**
   * Puts a manifest under a tag or its digest.
   * @throws ScanError `unauthorized` or `network`.
   */
  putManifest(
    reference: string,
    mediaType: string,
    content: Uint8Array,
    options?: CallOptions,
  ): Promise<ManifestReceipt>;
  /**
   * All tags, in the order of their names.
   * @throws ScanError `unauthorized`, `network`, or `limit-exceeded` beyond 100 pages.
   */
  tags(options?: CallOptions): Promise<readonly string[]>;
  /**
   * The digest of what a tag names, from a HEAD request, so without its content; undefined where the registry does not state it.
   * @throws ScanError `image-not-found`, `unauthorized` or `network`.
   */
  digestOfTag(tag: string, options?: CallOptions): Promise<Digest | undefined>;
  /**
   * The manifests that say they are about the one of this digest (OCI 1.1): by the referrers API, else by the index under the fallback
   * tag. Do not trust the answer: the `subject` of each manifest itself says what it is about.
   * @throws ScanError `unauthorized`, `network`, or `limit-exceeded` beyond 1000 of them.
   */
  referrers(digest: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;
}

/** A registry's answer to a pushed manifest. */
export interface ManifestReceipt {
  /** The registry lists the manifest among the referrers of its subject by itself. */
  readonly listsSubject: boolean;
}

/** Which referrers are wanted. */
export interface ReferrersOptions extends CallOptions {
  /** Only referrers of this kind. Absent: all. */
  readonly artifactType?: string | undefined;
}

/** The tag that stands for the referrers API where a registry has none (OCI distribution-spec, "Referrers Tag Schema"). */
export function referrersTag(digest: Digest): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

/** More referrers of one image, and more pages of them, are an error: each costs a request. */
const maxReferrers = 1_000;
const maxPages = 100;

/** More names than that in one list are an error: the largest registries have some hundred thousand. */
const maxNames = 1_000_000;
const maxIndexBytes = 4 * 1024 * 1024;

/** How many bytes one request of an upload carries. */
const pieceBytes = 8 * 1024 * 1024;

const indexType = "application/vnd.oci.image.index.v1+json";

/** Statuses of registries that have no referrers API. */
const withoutApi: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

const manifestTypes = [
  indexType,
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The checks of {@link RegistryOptions}. */
export const registryChecks: OptionChecks<RegistryOptions> = {
  ...transportChecks,
  credentials: optionIs.call,
  plainHttp: optionIs.listOf(optionIs.text),
  mirrors: optionIs.mapOf(optionIs.listOf(optionIs.text)),
};

/** A client for one repository; tokens are kept for its lifetime. */
export function registryRepository(
  registry: string,
  repository: string,
  options: RegistryOptions = {},
): RegistryRepository {
  checkOptions("registryRepository", options, registryChecks);
  const label = `${registry}/${repository}`;
  const hosts = [...(options.mirrors?.[registry] ?? []), registry];
  const endpoints = new Map(hosts.map((host) => [host, endpointOf(host, repository, options)]));

  /** Asks the mirrors first; the registry's own answer is the last word. */
  async function get(path: string, headers: Readonly<Record<string, string>>, call: CallOptions): Promise<Response> {
    for (const host of hosts.slice(0, -1)) {
      try {
        const response = await endpoints.get(host)?.ask(path, headers, call);
        if (response?.ok === true) return response;
        await response?.body?.cancel();
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof ScanError)) throw error;
      }
    }
    return ownEndpoint().ask(path, headers, call);
  }

  return {
    async manifest(reference, call = {}) {
      const { response, bytes } = await requestBytes(
        ({ signal }) => get(`manifests/${reference}`, { accept: manifestTypes }, { signal }),
        `The manifest of ${label}`,
        call.maxBytes ?? 16 * 1024 * 1024,
        { ...options, signal: call.signal },
      );
      if (!response.ok)
        throw await refusal(response, `${label}${reference.includes(":") ? "@" : ":"}${reference}`, call);
      return bytes;
    },

    async *blob(digest, size, call = {}) {
      const what = `${label}@${digest}`;
      const patience = new Patience({ ...options, signal: call.signal });
      const within = { ...options, signal: patience.signal };
      let offset = 0;
      for (;;) {
        const range: Readonly<Record<string, string>> = offset === 0 ? {} : { range: `bytes=${offset}-` };
        let failure: unknown;
        try {
          const response = await get(`blobs/${digest}`, range, within);
          if (!response.ok) {
            await response.body?.cancel();
            throw await refusal(response, what, call);
          }
          // A server that does not do ranges starts over: what was delivered already is skipped.
          let skip = offset > 0 && response.status !== 206 ? offset : 0;
          for await (const chunk of bodyChunks(response, within)) {
            const rest = chunk.subarray(Math.min(skip, chunk.length));
            skip -= chunk.length - rest.length;
            offset += rest.length;
            // Nobody knows what comes behind the end, nor how much of it.
            if (size !== undefined && offset > size) throw new ScanError({ kind: "limit-exceeded", what, limit: size });
            patience.progressed(rest.length);
            if (rest.length > 0) yield rest;
          }
          if (size === undefined || offset >= size) return;
        } catch (error) {
          call.signal?.throwIfAborted();
          if (error instanceof ScanError) throw error;
          // A line may break behind the last byte.
          if (offset === size) return;
          failure = error;
        }
        if (await patience.again()) continue;
        if (failure === undefined) throw new ScanError({ kind: "truncated", what, offset });
        throw new ScanError({ kind: "network", label: what, reason: reasonOf(failure) }, { cause: failure });
      }
    },

    tags: (call = {}) => namesInPages(ownEndpoint(), { path: "tags/list?n=1000", field: "tags", label }, options, call),

    async digestOfTag(tag, call = {}) {
      const response = await ownEndpoint().ask(`manifests/${tag}`, { accept: manifestTypes }, call, { method: "HEAD" });
      await response.body?.cancel();
      if (!response.ok) throw await refusal(response, `${label}:${tag}`, call);
      const digest = response.headers.get("docker-content-digest");
      return isDigest(digest) ? digest : undefined;
    },

    async putBlob(digest, content, call = {}) {
      const endpoint = endpoints.get(registry);
      const has = await endpoint?.ask(`blobs/${digest}`, {}, call, { method: "HEAD" });
      await has?.body?.cancel();
      if (has?.ok === true) return;
      let at = (await change("blobs/uploads/", {}, call, { method: "POST" })).location;
      for (let start = 0; start < content.size; start += pieceBytes) {
        const end = Math.min(content.size, start + pieceBytes);
        const body = await pieceOf(content, start, end, call);
        const headers = { "content-type": "application/octet-stream", "content-range": `${start}-${end - 1}` };
        at = (await change(at, headers, call, { method: "PATCH", body })).location;
      }
      const url = new URL(at);
      url.searchParams.set("digest", digest);
      await change(url.href, {}, call, { method: "PUT", body: new Uint8Array(0) });
    },

    async putManifest(reference, mediaType, content, call = {}) {
      const headers = { "content-type": mediaType };
      const wanted = { method: "PUT", body: content } as const;
      const { subject } = await change(`manifests/${reference}`, headers, call, wanted);
      return { listsSubject: subject !== undefined };
    },

    async referrers(digest, call = {}) {
      const { artifactType } = call;
      const listed = (await referrersByApi(digest, call)) ?? (await referrersByTag(digest, call));
      // A registry may leave the filtering to who asks.
      return listed.filter(
        (each) => artifactType === undefined || (each.artifactType ?? artifactType) === artifactType,
      );
    },
  };

  /** Undefined where the registry has no such API. Mirrors are not asked: an empty list of theirs would hide the registry's. */
  async function referrersByApi(digest: Digest, call: ReferrersOptions): Promise<readonly Descriptor[] | undefined> {
    const endpoint = ownEndpoint();
    const query = call.artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(call.artifactType)}`;
    const what = `The referrers of ${label}@${digest}`;
    const found: Descriptor[] = [];
    let at = `referrers/${digest}${query}`;
    for (let page = 0; page < maxPages; page++) {
      const { response, bytes } = await requestBytes(
        ({ signal }) => endpoint.ask(at, { accept: indexType }, { signal }),
        what,
        maxIndexBytes,
        { ...options, signal: call.signal },
      );
      if (page === 0 && withoutApi.has(response.status)) return undefined;
      if (!response.ok) throw await refusal(response, `${label}@${digest}`, call);
      const index = parseManifest(parseAnswer(bytes));
      if (index?.kind !== "index")
        throw new ScanError({ kind: "network", label, reason: `${what}: the answer is no image index` });
      found.push(...index.manifests);
      if (found.length > maxReferrers) throw new ScanError({ kind: "limit-exceeded", what, limit: maxReferrers });
      const next = nextPage(response, endpoint.resolve(at), { what, label });
      if (next === undefined) return found;
      at = next;
    }
    throw new ScanError({ kind: "limit-exceeded", what: `pages of ${what}`, limit: maxPages });
  }

  async function referrersByTag(digest: Digest, call: CallOptions): Promise<readonly Descriptor[]> {
    const what = `The referrers of ${label}@${digest}`;
    const { response, bytes } = await requestBytes(
      ({ signal }) => ownEndpoint().ask(`manifests/${referrersTag(digest)}`, { accept: indexType }, { signal }),
      what,
      maxIndexBytes,
      { ...options, signal: call.signal },
    );
    if (response.status === 404) return [];
    if (!response.ok) throw await refusal(response, `${label}:${referrersTag(digest)}`, call);
    const index = parseManifest(parseAnswer(bytes));
    if (index?.kind !== "index") return [];
    if (index.manifests.length <= maxReferrers) return index.manifests;
    throw new ScanError({ kind: "limit-exceeded", what, limit: maxReferrers });
  }

  async function refusal(response: Response, what: string, call: CallOptions): Promise<ScanError> {
    return describeRefusal(
      response,
      what,
      registry,
      await options.credentials?.(registry, { signal: call.signal, repository }),
    );
  }

  function ownEndpoint(): Endpoint {
    const endpoint = endpoints.get(registry);
    if (endpoint === undefined) throw new ScanError({ kind: "network", label: registry, reason: "it has no endpoint" });
    return endpoint;
  }

  /** Gives where the registry wants the next request to go, and the subject that it listed a manifest under. */
  async function change(
    path: string,
    headers: Readonly<Record<string, string>>,
    call: CallOptions,
    wanted: Change,
  ): Promise<{ readonly location: string; readonly subject: string | undefined }> {
    const endpoint = ownEndpoint();
    const response = await endpoint.ask(path, headers, call, wanted);
    await response.body?.cancel();
    if (!response.ok) throw await refusal(response, label, call);
    return {
      location: endpoint.resolve(response.headers.get("location") ?? path),
      subject: response.headers.get("oci-subject") ?? undefined,
    };
  }
}

/** Where a list goes on, as RFC 8288 has it; undefined at its end. @throws ScanError when that is another server's. */
function nextPage(
  response: Response,
  here: string,
  { what, label }: { readonly what: string; readonly label: string },
): string | undefined {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
  if (next === undefined) return undefined;
  if (!URL.canParse(next, here))
    throw new ScanError({ kind: "network", label, reason: `${what}: the next page has no usable address` });
  const there = new URL(next, here);
  if (there.origin !== new URL(here).origin)
    throw new ScanError({
      kind: "network",
      label,
      reason: `${what}: the next page is at another server, ${there.origin}`,
    });
  return there.href;
}

/**
 * The repositories that a registry lists, in the order of their names. Many registries list none, or only to some.
 * @throws ScanError `unauthorized`, `network`, or `limit-exceeded` beyond 100 pages.
 */
export async function registryCatalog(
  registry: string,
  options: RegistryOptions = {},
  call: CallOptions = {},
): Promise<readonly string[]> {
  checkOptions("registryCatalog", options, registryChecks);
  // The list lies beside the repositories.
  const endpoint = endpointOf(registry, "any", options);
  return namesInPages(endpoint, { path: "../_catalog?n=1000", field: "repositories", label: registry }, options, call);
}

/** Reads a list of texts that a registry sends in pages. */
async function namesInPages(
  endpoint: Endpoint,
  { path, field, label }: { readonly path: string; readonly field: string; readonly label: string },
  options: RegistryOptions,
  call: CallOptions,
): Promise<readonly string[]> {
  const what = `The ${field} of ${label}`;
  const found = new Set<string>();
  let at = path;
  for (let page = 0; page < maxPages; page++) {
    const { response, bytes } = await requestBytes(
      ({ signal }) => endpoint.ask(at, { accept: "application/json" }, { signal }),
      what,
      maxIndexBytes,
      { ...options, signal: call.signal },
    );
    if (!response.ok) throw await describeRefusal(response, label, label, await credentialsOf(label, options, call));
    for (const name of namesIn(bytes, { field, what, label })) found.add(name);
    if (found.size > maxNames) throw new ScanError({ kind: "limit-exceeded", what, limit: maxNames });
    const next = nextPage(response, endpoint.resolve(at), { what, label });
    if (next === undefined) return [...found].sort(compareText);
    at = next;
  }
  throw new ScanError({ kind: "limit-exceeded", what: `pages of ${what}`, limit: maxPages });
}

/** The names of one page. @throws ScanError `network` for what is no such page, such as that of a proxy for people: no list is not an empty one. */
function namesIn(
  bytes: Uint8Array,
  { field, what, label }: { readonly field: string; readonly what: string; readonly label: string },
): readonly string[] {
  const answer = record(jsonIn(new TextDecoder().decode(bytes)));
  // A repository whose tags were all removed says null.
  const names = answer?.[field] ?? [];
  if (answer === undefined || !Array.isArray(names))
    throw new ScanError({ kind: "network", label, reason: `${what}: the answer is no list of them` });
  return names.filter((name) => typeof name === "string");
}

async function credentialsOf(
  label: string,
  options: RegistryOptions,
  { signal }: CallOptions,
): Promise<Credentials | undefined> {
  const [registry = "", ...repository] = label.split("/");
  return options.credentials?.(registry, { signal, repository: repository.join("/") });
}

/** What a registry refused, as whom it was asked, and how to be asked as another. */
function describeRefusal(
  response: Response,
  label: string,
  host: string,
  credentials: Credentials | undefined,
): ScanError {
  const { status } = response;
  const who = identityOf(credentials);
  if (status === 404) {
    const reason = `the registry has no such image that may be read ${who}; ${loginHint(host)} for what is private`;
    return new ScanError({ kind: "image-not-found", label, reason });
  }
  if (status === 401 || status === 403) {
    const reason = `asked ${who}, the registry answered ${status}: there is no such repository, or it needs another login, by ${loginHint(host)}`;
    return new ScanError({ kind: "unauthorized", label, reason });
  }
  const reason = status === 429 ? "too many requests, try again later or log in" : `the registry answered ${status}`;
  return new ScanError({ kind: "network", label, reason });
}

async function pieceOf(content: RandomAccessBytes, start: number, end: number, call: CallOptions): Promise<Uint8Array> {
  const piece = new Uint8Array(end - start);
  let at = 0;
  for await (const chunk of content.read(start, end, call)) {
    piece.set(chunk.subarray(0, piece.length - at), at);
    at += Math.min(chunk.length, piece.length - at);
  }
  return piece.subarray(0, at);
}
