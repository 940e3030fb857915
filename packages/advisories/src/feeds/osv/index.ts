import { FormatError, openZip, parseJson } from "@plimsoll/formats";
import type { ZipEngine, ZipContent } from "@plimsoll/formats";
import type { AdvisoryFeed, CallOptions, FeedDocument, FeedRecord } from "@plimsoll/model";
import { decodeText, documentBytes, malformed } from "../shared/document-text.ts";
import { readOsvRecord, sourceOf } from "./record.ts";

/** Bytes of one record. The largest of the public database (a kernel CVE with every version listed) are about 5 MiB. */
const maxRecordBytes = 64 * 1024 * 1024;

/**
 * The OSV database: https://google.github.io/osv.dev/data/. Reads `<Ecosystem>/all.zip` and single `<ID>.json` records. Others publish in the
 * same format: Go's vulnerability database (`vulndb.zip`, `ID/GO-2024-0001.json`), GitHub's, Bitnami's, Julia's.
 * `engine` replaces the pure JavaScript inflater of zips.
 */
export function osvFeed(engine: ZipEngine = {}): AdvisoryFeed {
  return {
    id: "osv",
    accepts: (name) => /(?:^|\/)(?:all|vulndb)\.zip$/.test(name) || singleRecord.test(name),
    parse: (document, options = {}) =>
      document.name.endsWith(".zip") ? parseZip(document, engine, options) : parseSingle(document, options),
  };
}

/** OSV ids begin with the prefix of their database, upper-case but for openSUSE and unregistered (`x_`) ones. */
const singleRecord = /(?:^|\/)(?:[A-Z][A-Z0-9]*|openSUSE|x_[A-Za-z0-9]+)-[^/]+\.json$/;

/** Go's database has its records in `ID/`, and tables made of them in `index/`: https://go.dev/doc/security/vuln/database. */
function isRecord(path: string): boolean {
  return path.endsWith(".json") && !/(?:^|\/)index\//.test(path);
}

async function* parseZip(document: FeedDocument, engine: ZipEngine, options: CallOptions): AsyncGenerator<FeedRecord> {
  const folder = /([^/]+)\/[^/]+$/.exec(document.name)?.[1];
  try {
    const source = document.bytes ?? (await documentBytes(document, options));
    const zip = await openZip(source, { ...engine, maxEntryBytes: maxRecordBytes, signal: options.signal });
    if (zip.damage !== undefined) yield malformed(document.name, zip.damage);
    for await (const content of zip.contents((entry) => isRecord(entry.path))) {
      options.signal?.throwIfAborted();
      yield* readZipEntry(content, document.name, folder);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

function* readZipEntry(content: ZipContent, name: string, folder: string | undefined): Generator<FeedRecord> {
  const path = `${name}!/${content.entry.path}`;
  if ("error" in content) {
    yield malformed(path, content.error);
    yield { kind: "skipped", id: path, reason: "unreadable", ...sourceOf(folder) };
  } else yield* readText(content.bytes, path, folder);
}

async function* parseSingle(document: FeedDocument, options: CallOptions): AsyncGenerator<FeedRecord> {
  const folder = /([^/]+)\/[^/]+$/.exec(document.name)?.[1];
  let bytes: Uint8Array;
  try {
    bytes = await documentBytes(document, options, maxRecordBytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
    return;
  }
  yield* readText(bytes, document.name, folder);
}

function* readText(bytes: Uint8Array, path: string, folder: string | undefined): Generator<FeedRecord> {
  let value: unknown;
  try {
    value = parseJson(decodeText(bytes));
  } catch (error) {
    yield malformed(path, error);
    yield { kind: "skipped", id: path, reason: "unreadable", ...sourceOf(folder) };
    return;
  }
  yield* readOsvRecord(value, path, folder);
}
