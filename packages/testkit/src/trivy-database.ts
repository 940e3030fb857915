import { boltFile } from "./bolt-file.ts";
import type { BoltContent } from "./bolt-file.ts";

/** A bucket or a value of a database as the tests of Trivy write it down: lists of `bucket`/`pairs` and `key`/`value`. */
export interface TrivyPair {
  readonly bucket?: string;
  readonly key?: string;
  readonly value?: unknown;
  readonly pairs?: readonly TrivyPair[];
}

/**
 * A Trivy database of the buckets in parsed YAML documents, written by the real engine. Scalars may be texts. Undefined where
 * {@link boltFile} is.
 */
export function trivyDatabase(documents: readonly unknown[]): Uint8Array | undefined {
  const root: Record<string, BoltContent> = {};
  for (const document of documents) {
    if (!Array.isArray(document)) continue;
    for (const { bucket, pairs = [] } of document as readonly TrivyPair[])
      if (bucket !== undefined && bucket !== "") root[bucket] = merge(root[bucket] ?? {}, contentOf(pairs));
  }
  return boltFile(root);
}

/** A bucket may be named several times. */
function contentOf(pairs: readonly TrivyPair[]): BoltContent {
  let content: BoltContent = {};
  for (const { bucket, key, value, pairs: inner = [] } of pairs) {
    if (bucket !== undefined && bucket !== "") content = merge(content, { [bucket]: contentOf(inner) });
    else if (key !== undefined && key !== "")
      content = merge(content, { [key]: JSON.stringify(value === undefined || value === "" ? {} : value, asNumber) });
  }
  return content;
}

function merge(a: BoltContent, b: BoltContent): BoltContent {
  const merged: Record<string, string | BoltContent> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const known = merged[key];
    merged[key] = typeof known === "object" && typeof value === "object" ? merge(known, value) : value;
  }
  return merged;
}

const numbers = /^(?:Severity|Status|V(?:2|3|40)Score)$/;

/** The YAML reader keeps every scalar as text; the database has numbers here. */
function asNumber(this: unknown, name: string, value: unknown): unknown {
  if ((name === "Affected" || name === "") && Array.isArray(value)) return value.map(Number);
  if (name === "VendorSeverity" && typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([source, rating]) => [source, Number(rating)]));
  return numbers.test(name) && /^[\d.]+$/.test(String(value)) ? Number(value) : value;
}
