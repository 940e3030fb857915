import { tooManyValues } from "../shared/reading/value-limit.ts";
import { FormatError, findBytes, inflateRaw, parseJsonDocument } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { observeAssembly } from "./assembly.ts";
import { readDepsJson } from "./deps-json.ts";

/** SHA-256 of ".net core bundle": the eight bytes before it point to the bundle (dotnet/runtime, bundle_marker.cpp). */
const marker = new Uint8Array([
  0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9,
  0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
]);

/** The host, which comes before the bundle, is larger than this in itself. */
const minHostBytes = 64 * 1024;

/** Versions of bundles are 1 (.NET Core 3), 2 (.NET 5) and 6; later ones are left room. */
const maxMajorVersion = 64;

/** A deps.json is rarely larger than a megabyte. */
const maxDepsBytes = 64 * 1024 * 1024;

/** Files of a bundle that are looked at, and bytes that those of them that are packed may come to. */
const maxEntries = 16_384;
const maxInflated = 256 * 1024 * 1024;

/**
 * .NET programs published as one executable carry their deps.json inside (dotnet/designs, "Single-file Publish"). Those published
 * without one are known by the assemblies in them.
 */
export const singleFileBundle: FileAnalyzer = {
  kind: "file",
  id: "nuget/single-file-bundle",
  revision: 4,
  matches: [
    { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true, marks: [marker] },
    { magic: new Uint8Array([0x4d, 0x5a]), executable: true, marks: [marker] },
  ],
  async *analyze(file) {
    if (file.size < minHostBytes) return;
    const bytes = await file.bytes();
    const at = findBytes(bytes, marker);
    if (at < 8) return;
    const located = readOrReport(file, () => readBundle(bytes, at - 8));
    if ("problem" in located) return yield located.problem;
    if (located.value === undefined) return;
    const { depsJson, assemblies } = located.value;
    if (depsJson === undefined) return yield* observeAssemblies(assemblies, bytes, file);
    const text = new TextDecoder().decode(depsJson);
    const tooMany = tooManyValues(file, text, "json");
    if (tooMany !== undefined) return yield tooMany;
    const parsed = readOrReport(file, () => parseJsonDocument(text));
    if ("problem" in parsed) return yield malformedFile(file, `the deps.json inside: ${parsed.problem.message}`);
    yield* readDepsJson(parsed.value, file);
  },
};

function* observeAssemblies(
  assemblies: readonly Entry[],
  bytes: Uint8Array,
  file: AnalyzedFile,
): Generator<Observation> {
  let budget = maxInflated;
  // Those that are not packed may overlap in a hostile bundle: together they are no larger than it.
  let stored = bytes.length;
  for (const entry of assemblies) {
    if (entry.packed === 0) stored -= entry.size;
    if (stored < 0) return yield malformedFile(file, "its files overlap");
    const read = readOrReport(file, () => contentOf(entry, bytes, budget));
    if ("problem" in read) {
      yield read.problem;
      continue;
    }
    if (entry.packed !== 0) budget -= read.value.length;
    yield* observeAssembly(read.value, file, `${file.path}!/${entry.path}`);
  }
}

/** A file in a bundle. */
interface Entry {
  readonly offset: number;
  readonly size: number;
  /** Bytes of it as raw deflate; 0: it is not packed. */
  readonly packed: number;
  readonly type: number;
  readonly path: string;
}

/** Kinds of files in a bundle (dotnet/runtime, file_type.h). */
const fileTypes = { assembly: 1, depsJson: 3 } as const;

interface Bundle {
  readonly depsJson: Uint8Array | undefined;
  /** Read only where there is no deps.json. */
  readonly assemblies: readonly Entry[];
}

/**
 * Bundle header: versions, number of files, an identifier, since version 2 where the deps.json lies, then the files. Undefined for
 * the host of a program that lies beside it, and for a program that only knows the marker, as scanners do: what comes before it there
 * points nowhere.
 */
function readBundle(bytes: Uint8Array, pointer: number): Bundle | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = number64(view, pointer);
  // Zero in every host that carries no bundle.
  if (header < minHostBytes || header > Number.MAX_SAFE_INTEGER) return undefined;
  const identifier = header + 12;
  if (identifier + 1 > bytes.length)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header is missing");
  const version = view.getUint32(header, true);
  if (version === 0 || version > maxMajorVersion) return undefined;
  const fields = identifier + 1 + (bytes[identifier] ?? 0);
  if (version >= 2 && number64(view, fields + 8) !== 0) {
    const [start, length] = [number64(view, fields), number64(view, fields + 8)];
    if (length > maxDepsBytes || start + length > bytes.length)
      throw new FormatError("dotnet-bundle", "malformed", "its deps.json lies outside of it");
    return { depsJson: bytes.subarray(start, start + length), assemblies: [] };
  }
  const entries = readEntries(view, version < 2 ? fields : fields + 40, view.getUint32(header + 8, true), version >= 6);
  const deps = entries.find(({ type }) => type === fileTypes.depsJson);
  return {
    depsJson: deps === undefined ? undefined : contentOf(deps, bytes, maxDepsBytes),
    assemblies: entries.filter(({ type }) => type === fileTypes.assembly),
  };
}

function readEntries(view: DataView, start: number, count: number, canBePacked: boolean): readonly Entry[] {
  const entries: Entry[] = [];
  let at = start;
  for (let index = 0; index < Math.min(count, maxEntries); index++) {
    const [offset, size] = [number64(view, at), number64(view, at + 8)];
    const packed = canBePacked ? number64(view, at + 16) : 0;
    at += canBePacked ? 24 : 16;
    if (at + 3 > view.byteLength)
      throw new FormatError("dotnet-bundle", "truncated", "the list of its files ends early");
    const type = view.getUint8(at);
    // A length of up to two bytes, seven bits in each.
    const first = view.getUint8(at + 1);
    const isLong = first >= 0x80;
    const length = isLong ? (first & 0x7f) | (view.getUint8(at + 2) << 7) : first;
    at += isLong ? 3 : 2;
    if (at + length > view.byteLength)
      throw new FormatError("dotnet-bundle", "truncated", "the list of its files ends early");
    const path = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
    entries.push({ offset, size, packed, type, path });
    at += length;
  }
  return entries;
}

function contentOf({ offset, size, packed, path }: Entry, bytes: Uint8Array, budget: number): Uint8Array {
  const stored = packed === 0 ? size : packed;
  if (offset + stored > bytes.length)
    throw new FormatError("dotnet-bundle", "malformed", `${path.slice(0, 200)} lies outside of it`);
  const content = bytes.subarray(offset, offset + stored);
  return packed === 0 ? content : inflateRaw(content, Math.min(size, budget));
}

function number64(view: DataView, at: number): number {
  if (at < 0 || at + 8 > view.byteLength)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header ends early");
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}
