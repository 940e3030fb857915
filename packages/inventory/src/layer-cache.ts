import type { Cache, CallOptions, Digest } from "@plimsoll/model";
import { emptyRecord } from "./layer-result.ts";
import type { AnalyzerRecord, FileRecord, LayerResult, LinkRecord } from "./layer-result.ts";
import { cleanObservation } from "./observations.ts";
import { packParts, unpackParts } from "./packed-parts.ts";
import { PathIndex } from "./path-index.ts";
import { hashersByKey } from "./path-hash.ts";
import type { PathHasher, PathKey } from "./path-hash.ts";
import type { PlannedAnalyzer } from "./plan.ts";

/** What is known of a layer from earlier scans: all of its paths, and what some analyzers said. */
export interface KnownLayer extends Omit<LayerResult, "diagnostics"> {
  /** Cache keys of analyzers that are known to have nothing to say. */
  readonly silent: ReadonlySet<string>;
}

/**
 * Looks up what analyzers said about layers, in two requests: one for the layers, one for their analyzers. One record holds a layer's
 * paths and who has nothing to say; each other analyzer has a record of its own, so that a new revision of one re-runs that one alone.
 * Records that cannot be read count as absent. Results are in the order of the layers; undefined: nothing is known of one.
 */
export async function loadLayers(
  cache: Cache,
  diffIds: readonly Digest[],
  plan: readonly PlannedAnalyzer[],
  options: CallOptions,
): Promise<readonly (KnownLayer | undefined)[]> {
  const ask = (keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> =>
    cache.getMany?.(keys, options) ?? Promise.all(keys.map((key) => cache.get(key, options)));
  const stored = await ask(diffIds.map(pathsKey));
  const hasherOf = hashersByKey();
  const layers = diffIds.map((diffId, at) => {
    const value = stored[at];
    const paths = value === undefined ? undefined : readable(() => unpackPaths(value, hasherOf));
    if (paths === undefined) return undefined;
    const records = new Map<string, AnalyzerRecord>();
    for (const { id, cacheKey } of plan) if (paths.silent.has(cacheKey)) records.set(id, emptyRecord);
    return { ...paths, diffId, records };
  });
  const wanted = layers.flatMap((layer) =>
    layer === undefined
      ? []
      : plan
          .filter(({ id }) => !layer.records.has(id))
          .map(({ id, cacheKey, part }) => ({ ...layer, id, cacheKey, part })),
  );
  const values = await ask(wanted.map(({ diffId, cacheKey }) => recordKey(diffId, cacheKey)));
  wanted.forEach(({ id, part, records }, at) => {
    const value = values[at];
    const record = value === undefined ? undefined : readable(() => unpackRecord(value, part, hasherOf));
    if (record !== undefined) records.set(id, record);
  });
  return layers;
}

/** Stores what was read of a layer; `known` is what the cache had before. */
export async function storeLayer(
  cache: Cache,
  diffId: Digest,
  result: LayerResult,
  plan: readonly PlannedAnalyzer[],
  known: KnownLayer | undefined,
): Promise<void> {
  // Such a table cannot be stored; layers like that are rare.
  if (!result.index.plain) return;
  const silent = new Set(known?.silent);
  const writes: Promise<void>[] = [];
  for (const { id, cacheKey } of plan) {
    const record = result.records.get(id);
    if (record === undefined || record.uncertain === true || known?.records.has(id) === true) continue;
    if (record.files.length === 0 && record.links.length === 0) silent.add(cacheKey);
    else writes.push(cache.set(recordKey(diffId, cacheKey), packRecord(record)));
  }
  await Promise.all([...writes, cache.set(pathsKey(diffId), packPaths(result, silent))]);
}

/** What an analyzer said about a file or directory of a layer that only a link made it look at; undefined when unknown. */
export async function loadLook(
  cache: Cache,
  diffId: Digest,
  look: string,
  { part }: Pick<PlannedAnalyzer, "part">,
): Promise<AnalyzerRecord | undefined> {
  const value = await cache.get(lookKey(diffId, look));
  return value === undefined ? undefined : readable(() => unpackRecord(value, part, hashersByKey()));
}

/** Stores what an analyzer said about such a file or directory. Not stored: what failed in a way that may not repeat. */
export async function storeLook(cache: Cache, diffId: Digest, look: string, record: AnalyzerRecord): Promise<void> {
  if (record.uncertain === true) return;
  await cache.set(lookKey(diffId, look), packRecord(record));
}

function lookKey(diffId: Digest, look: string): string {
  return `${form}/${diffId}/look/${look}`;
}

/** Part of every key: changes when the form of the records does, or how layers are read. */
const form = "layer/5";

function pathsKey(diffId: Digest): string {
  return `${form}/${diffId}/paths`;
}

function recordKey(diffId: Digest, cacheKey: string): string {
  return `${form}/${diffId}/${cacheKey}`;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

interface PackedPaths {
  readonly entries: number;
  readonly bytes: number;
  readonly links: readonly (readonly [number, string])[];
  readonly shallowLinks: readonly string[];
  readonly linksLost: boolean;
  readonly silent: readonly string[];
  /** Of the hashes. */
  readonly key: PathKey;
}

/** Gives the hasher of a key. */
type HasherOf = (key: PathKey) => PathHasher;

function packPaths({ index, entries, bytes }: LayerResult, silent: ReadonlySet<string>): Uint8Array {
  const { keys, flags } = index.dump();
  const head: PackedPaths = {
    entries,
    bytes,
    links: [...index.links],
    shallowLinks: [...index.shallowLinks],
    linksLost: index.linksLost,
    silent: [...silent].sort(),
    key: index.hasher.key,
  };
  return packParts(head, [new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength), flags]);
}

function unpackPaths(stored: Uint8Array, hasherOf: HasherOf): Omit<KnownLayer, "records"> {
  const { head, parts } = unpackParts(stored);
  if (!isPackedPaths(head)) throw new Error("it is not a table of paths");
  const { entries, bytes, links, shallowLinks, linksLost, silent, key } = head;
  const [keys = new Uint8Array(), flags = new Uint8Array()] = parts;
  if (keys.length !== flags.length * 8) throw new Error("the table of paths is not whole");
  const index = PathIndex.restore(new Float64Array(keys.slice().buffer), flags, hasherOf(key));
  for (const [hash, target] of links) index.links.set(hash, target);
  for (const path of shallowLinks) index.shallowLinks.add(path);
  index.linksLost = linksLost;
  return { index, entries, bytes, silent: new Set(silent) };
}

interface PackedRecord {
  /** `hashes` and `content` are numbers of parts. */
  readonly files: readonly (Omit<FileRecord, "ownership" | "retained"> & {
    readonly ownership: readonly { readonly owner: string; readonly hashes: number; readonly key: PathKey }[];
    readonly retained?: { readonly size: number; readonly executable: boolean; readonly content?: number };
  })[];
  readonly links: readonly LinkRecord[];
}

function packRecord({ files, links }: AnalyzerRecord): Uint8Array {
  const parts: Uint8Array[] = [];
  const head: PackedRecord = {
    files: files.map(({ ownership, retained, ...file }) => ({
      ...file,
      ownership: ownership.map(({ owner, hasher, hashes }) => ({
        owner,
        key: hasher.key,
        hashes: parts.push(new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength)) - 1,
      })),
      ...(retained === undefined ? {} : { retained: packRetained(retained, parts) }),
    })),
    links,
  };
  return packParts(head, parts);
}

function packRetained(
  { content, ...known }: NonNullable<FileRecord["retained"]>,
  parts: Uint8Array[],
): NonNullable<PackedRecord["files"][number]["retained"]> {
  return content === undefined ? known : { ...known, content: parts.push(content) - 1 };
}

function unpackRecord(stored: Uint8Array, detector: PlannedAnalyzer["part"], hasherOf: HasherOf): AnalyzerRecord {
  const { head, parts } = unpackParts(stored);
  if (!isPackedRecord(head)) throw new Error("it is no record");
  const { files, links } = head;
  const part = (number: number): Uint8Array<ArrayBuffer> => {
    const found = parts[number];
    if (found === undefined) throw new Error("a part is missing");
    return found.slice();
  };
  return {
    files: files.map(({ ownership, retained, ...file }): FileRecord => ({
      ...file,
      observations: file.observations.map((observation) => usable(observation, detector)),
      ownership: ownership.map(({ owner, key, hashes }) => ({
        owner,
        hasher: hasherOf(key),
        hashes: new Float64Array(part(hashes).buffer),
      })),
      ...(retained === undefined ? {} : { retained: unpackRetained(retained, part) }),
    })),
    links,
  };
}

function unpackRetained(
  { content, ...known }: NonNullable<PackedRecord["files"][number]["retained"]>,
  part: (number: number) => Uint8Array<ArrayBuffer>,
): NonNullable<FileRecord["retained"]> {
  return content === undefined ? known : { ...known, content: part(content) };
}

/** An observation as an analyzer could have made it. Caches may be shared, so what they hold is not trusted. */
function usable(stored: unknown, part: PlannedAnalyzer["part"]): FileRecord["observations"][number] {
  const observation = cleanObservation(stored, part);
  if ("refused" in observation || observation.kind === "ownership") throw new Error("it holds no observation");
  return observation;
}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isKey = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isNumber);
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const absentOr =
  (is: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || is(value);
const listOf =
  (is: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(is);

function hasShape(value: unknown, shape: Shape): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(shape).every(([name, is]) => is((value as Record<string, unknown>)[name])); // an object, as checked
}

function isPackedPaths(head: unknown): head is PackedPaths {
  return hasShape(head, {
    entries: isNumber,
    bytes: isNumber,
    links: listOf((link) => Array.isArray(link) && isNumber(link[0]) && isText(link[1])),
    shallowLinks: listOf(isText),
    linksLost: isFlag,
    silent: listOf(isText),
    key: isKey,
  });
}

function isPackedRecord(head: unknown): head is PackedRecord {
  const owned: Shape = { owner: isText, hashes: isNumber, key: isKey };
  const retained: Shape = { size: isNumber, executable: isFlag, content: absentOr(isNumber) };
  const file: Shape = {
    path: isText,
    as: absentOr(isText),
    observations: Array.isArray,
    ownership: listOf((value) => hasShape(value, owned)),
    retained: absentOr((value) => hasShape(value, retained)),
  };
  const link: Shape = {
    kind: (value) => value === "symlink" || value === "hardlink" || value === "moved" || value === "content",
    path: isText,
    target: isText,
  };
  return hasShape(head, {
    files: listOf((value) => hasShape(value, file)),
    links: listOf((value) => hasShape(value, link)),
  });
}
