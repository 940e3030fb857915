import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { Patience, ScanError, bodyChunks, optionIs, request, retryAfter } from "@plimsoll/model";
import type { CallOptions, OptionChecks, TransportOptions } from "@plimsoll/model";
import { systemFetch } from "../../network/system-fetch.ts";
import { checkDigest, statedDigest } from "./stated-digest.ts";
import type { StatedDigest } from "./stated-digest.ts";

export interface FetchDocumentOptions extends CallOptions {
  /** Default: through the proxies that the environment names. */
  readonly fetch?: typeof fetch | undefined;
  /** Attempts per address; default 3. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubled for each further one; default 1000. */
  readonly retryDelay?: number | undefined;
  /** Called for progress with the number of bytes received and, where the server states it, the size in bytes. */
  readonly onBytes?: ((address: string, bytes: number, total: number | undefined) => void) | undefined;
  /** Checks a complete document before it replaces the old one; throws when it is not usable. */
  readonly check?: ((path: string) => Promise<void>) | undefined;
}

/** Of options that say how documents are fetched. */
export const fetchChecks: OptionChecks<Omit<FetchDocumentOptions, "check">> = {
  fetch: optionIs.call,
  attempts: optionIs.count,
  retryDelay: optionIs.count,
  onBytes: optionIs.call,
  signal: optionIs.signal,
};

/** `current`: the server has nothing newer. `missing`: there is no such document. */
export type FetchOutcome = "changed" | "current" | "missing";

/** Bytes of one document. */
const maxBytes = 8 * 1024 ** 3;

/**
 * Fetches a document from the first address that has it into `path`, if it changed since: by ETag, resuming broken transfers, with retries for busy
 * servers. The file at `path` is replaced in one step, by complete documents only.
 * @throws ScanError `network` when no address has a usable response.
 */
export async function fetchDocument(
  addresses: readonly string[],
  path: string,
  options: FetchDocumentOptions = {},
): Promise<FetchOutcome> {
  const failures: string[] = [];
  let missing = 0;
  for (const address of addresses) {
    const outcome = await fetchFrom(address, path, options);
    if (outcome === "changed" || outcome === "current") return outcome;
    if (outcome === "missing") missing++;
    else failures.push(addresses.length === 1 ? outcome.failed : `${address}: ${outcome.failed}`);
  }
  if (missing > 0 && failures.length === 0) return "missing";
  throw new ScanError({ kind: "network", label: addresses[0] ?? path, reason: failures.join("; ") });
}

async function fetchFrom(
  address: string,
  path: string,
  options: FetchDocumentOptions,
): Promise<FetchOutcome | { readonly failed: string }> {
  const { attempts = 3, retryDelay = 1000 } = options;
  // Parts of transfers are kept per address: another mirror may have another version.
  const part = `${path}.${createHash("sha256").update(address).digest("hex").slice(0, 8)}.part`;
  const transport: TransportOptions = {
    fetch: options.fetch ?? systemFetch(),
    retries: attempts - 1,
    backoff: retryDelay,
    signal: options.signal,
  };
  const patience = new Patience(transport);
  let failed = "";
  let wait: number | undefined;
  let refused: unknown;
  do {
    options.signal?.throwIfAborted();
    try {
      // Each attempt asks for the rest of what is there: the repetitions are ours.
      const once = { ...transport, retries: 0, signal: patience.signal };
      const answer = await fetchOnce(address, path, part, once, patience, options);
      if (typeof answer === "string") return answer;
      ({ failed, wait } = answer);
      refused = undefined;
      if (!answer.again) break;
    } catch (error) {
      wait = undefined;
      options.signal?.throwIfAborted();
      failed = messageOf(error);
      refused = error;
    }
  } while (await patience.again(wait, refused));
  return { failed };
}

type Answer = FetchOutcome | { readonly failed: string; readonly again: boolean; readonly wait?: number | undefined };

async function fetchOnce(
  address: string,
  path: string,
  part: string,
  transport: TransportOptions,
  patience: Patience,
  options: FetchDocumentOptions,
): Promise<Answer> {
  const known = await readTag(path);
  const begun = await readTag(part);
  const already = begun === undefined ? 0 : await sizeOf(part);
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (already > 0 && begun !== undefined) {
    headers["range"] = `bytes=${already}-`;
    headers["if-range"] = begun;
  } else if (known !== undefined) headers["if-none-match"] = known;
  const response = await request({ url: address, headers }, transport);
  if (response.status === 304) return "current";
  if (response.status === 404 || response.status === 410) return "missing";
  if (response.status === 416) {
    await drop(part);
    return { failed: "the document changed while it was fetched", again: true };
  }
  if (!response.ok) {
    await response.body?.cancel();
    const again = response.status === 429 || response.status >= 500;
    return { failed: `answered ${response.status}`, again, wait: retryAfter(response) };
  }
  if (response.status === 206 && !response.headers.get("content-range")?.startsWith(`bytes ${already}-`)) {
    await response.body?.cancel();
    await drop(part);
    return { failed: "the server sent another part than asked for", again: true };
  }
  const tag = strongTag(response);
  let before = 0;
  await receive(response, part, response.status === 206 ? already : 0, tag, transport, (bytes, total) => {
    patience.progressed(Math.max(0, bytes - Math.max(before, already)));
    before = bytes;
    options.onBytes?.(address, bytes, total);
  });
  return complete(path, part, tag, statedDigest(response.headers), options);
}

async function receive(
  response: Response,
  part: string,
  start: number,
  tag: string | undefined,
  transport: TransportOptions,
  onBytes: (bytes: number, total: number | undefined) => void,
): Promise<void> {
  if (start === 0) await drop(part);
  if (tag !== undefined) await writeFile(tagPath(part), tag);
  const encoded = response.headers.has("content-encoding");
  const announced = Number((encoded ? null : response.headers.get("content-length")) ?? Number.NaN);
  const total = Number.isFinite(announced) ? start + announced : undefined;
  // Never through a link that somebody has put where the file belongs.
  const file = await open(part, start === 0 ? "wx" : constants.O_RDWR | (constants.O_NOFOLLOW ?? 0), 0o644);
  let at = start;
  try {
    for await (const chunk of bodyChunks(response, transport)) {
      if (at + chunk.length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      await file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
      onBytes(at, total);
    }
  } finally {
    await file.close();
  }
  if (Number.isFinite(announced) && at - start !== announced) throw new Error("the transfer ended early");
}

async function complete(
  path: string,
  part: string,
  tag: string | undefined,
  digest: StatedDigest | undefined,
  options: FetchDocumentOptions,
): Promise<Answer> {
  try {
    if (digest !== undefined) await checkDigest(part, digest);
    await options.check?.(part);
  } catch (error) {
    options.signal?.throwIfAborted();
    await drop(part);
    return { failed: `the document is damaged: ${messageOf(error)}`, again: true };
  }
  // Without its tag the document would merely be fetched again.
  await rm(tagPath(path), { force: true });
  await rename(part, path);
  if (tag !== undefined) await writeFile(tagPath(path), tag);
  await rm(tagPath(part), { force: true });
  return "changed";
}

function tagPath(path: string): string {
  return `${path}.etag`;
}

async function readTag(path: string): Promise<string | undefined> {
  try {
    await stat(path);
    return await readFile(tagPath(path), "utf8");
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function drop(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(tagPath(part), { force: true });
}

/** The entity tag of a response; undefined for a weak one, which may stay the same when the bytes change. */
function strongTag(response: Response): string | undefined {
  const tag = response.headers.get("etag");
  return tag !== null && /^"[^"]*"$/.test(tag) ? tag : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ScanError && error.failure.kind === "network") return error.failure.reason;
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
