import { compareText } from "@plimsoll/model";
import type { TableSize } from "./block-table.ts";
import type { SourceCounts } from "./source-counts.ts";

/** What the tail of a store file says. */
export interface StoreMetadata {
  readonly sources: readonly SourceCounts[];
  readonly namespaces: readonly string[];
  readonly advisories: TablePart;
  readonly names: TablePart;
  readonly enrichments: TablePart;
  readonly filter: Uint8Array;
  /** Of an increment: the revision of the store that it lies over, and the ids of it that do not count any more. */
  readonly base?: { readonly revision: string; readonly replaced: readonly string[] };
}

interface TablePart extends TableSize {
  readonly index: Uint8Array;
}

const maxMetadataBytes = 64 * 1024 * 1024;

/** Reads a tail. @throws Error of any kind when it is not what the writer writes. */
export function readMetadata(
  tail: Uint8Array,
  inflate: (data: Uint8Array, maxBytes: number) => Uint8Array,
): StoreMetadata {
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(0, true);
  const packed = tail.subarray(4, 4 + length);
  // Whoever opens a store says that it is damaged, whatever is thrown here.
  const described = object(JSON.parse(new TextDecoder().decode(inflate(packed, maxMetadataBytes))));
  const tables = object(described["tables"]);
  const lengths = list(described["lengths"]).map(count);
  let at = 4 + length;
  const [advisories, names, enrichments, filter] = [0, 1, 2, 3].map((piece) => {
    const start = at;
    at += lengths[piece] ?? 0;
    return tail.subarray(start, at);
  });
  if (at !== tail.length || !advisories || !names || !enrichments || !filter)
    throw new RangeError("pieces are missing");
  return {
    sources: list(described["sources"]).map(readSource),
    namespaces: list(described["namespaces"]).map(text),
    advisories: { index: advisories, ...readSize(tables["advisories"]) },
    names: { index: names, ...readSize(tables["names"]) },
    enrichments: { index: enrichments, ...readSize(tables["enrichments"]) },
    filter,
    ...(described["base"] === undefined
      ? {}
      : { base: { revision: text(described["base"]), replaced: list(described["replaced"]).map(text) } }),
  };
}

function readSize(value: unknown): TableSize {
  const size = object(value);
  return { entries: count(size["entries"]), blocks: count(size["blocks"]) };
}

function readSource(value: unknown): SourceCounts {
  const source = object(value);
  const skipped = Object.entries(object(source["skipped"])).sort(([a], [b]) => compareText(a, b));
  return {
    id: text(source["id"]),
    records: count(source["records"]),
    ...(source["updatedAt"] === undefined ? {} : { updatedAt: text(source["updatedAt"]) }),
    read: count(source["read"]),
    skipped: Object.fromEntries(skipped.map(([reason, times]) => [reason, count(times)])),
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no object");
  return value as Readonly<Record<string, unknown>>; // as: just checked
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("no list");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("no text");
  return value;
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new TypeError("no count");
  return value;
}
