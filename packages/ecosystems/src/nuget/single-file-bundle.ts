import { tooManyValues } from "../shared/reading/value-limit.ts";
import { FormatError, findBytes, inflateRaw, jsonDocumentSteps } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import { workDone } from "@plimsoll/model";
import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile, readOrReport, readStepsOrReport } from "../shared/reading/malformed-file.ts";
import { observeAssembly } from "./assembly.ts";
import { readDepsJson } from "./deps-json.ts";

/** SHA-256 of ".net core bundle": the eight bytes before it point to the bundle (dotnet/runtime, bundle_marker.cpp). */
const marker = new Uint8Array([
  0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9,
  0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
]);

/** The host, which comes before the bundle, is larger than this in itself. */
const minHostBytes = 64 * 1024;

/** A program is searched by parts of so many bytes, none of which is kept. */
const windowBytes = 1024 * 1024;

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
  revision: 5,
  matches: [
    { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true, marks: [marker] },
    { magic: new Uint8Array([0x4d, 0x5a]), executable: true, marks: [marker] },
  ],
  async *analyze(file) {
    if (file.size < minHostBytes) return;
    const program = await file.ranges();
    const at = await placeOfMarker(program);
    if (at < 8) return;
    const located = readOrReport(file, () => readBundle(program, at - 8));
    if ("problem" in located) return yield located.problem;
    if (located.value === undefined) return;
    const { depsJson, assemblies } = located.value;
    if (depsJson === undefined) return yield* observeAssemblies(assemblies, program, file);
    const text = new TextDecoder().decode(depsJson);
    const tooMany = tooManyValues(file, text, "json");
    if (tooMany !== undefined) return yield tooMany;
    const parsed = await readStepsOrReport(file, jsonDocumentSteps(text));
    if ("problem" in parsed) return yield malformedFile(file, `the deps.json inside: ${parsed.problem.message}`);
    yield* readDepsJson(parsed.value, file);
  },
};

/** Where the marker stands; -1 when nowhere. */
async function placeOfMarker(program: ByteRanges): Promise<number> {
  for (let at = 0; at < program.size; at += windowBytes) {
    const found = findBytes(program.read(at, at + windowBytes + marker.length - 1), marker);
    if (found >= 0) return at + found;
    await workDone(windowBytes);
  }
  return -1;
}

function* observeAssemblies(
  assemblies: readonly Entry[],
  program: ByteRanges,
  file: AnalyzedFile,
): Generator<Observation> {
  let budget = maxInflated;
  // Those that are not packed may overlap in a hostile bundle: together they are no larger than it.
  let stored = program.size;
  for (const entry of assemblies) {
    if (entry.packed === 0) stored -= entry.size;
    if (stored < 0) return yield malformedFile(file, "its files overlap");
    const read = readOrReport(file, () => contentOf(entry, program, budget));
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

/** Header and list of as many entries as are looked at: numbers, a kind, and a path of up to two bytes' length that is rarely longer than this. */
const maxHeaderBytes = 512 + maxEntries * (27 + 256);

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
function readBundle(program: ByteRanges, pointer: number): Bundle | undefined {
  const header = number64(viewOf(program.read(pointer, pointer + 8)), 0);
  // Zero in every host that carries no bundle.
  if (header < minHostBytes || header > Number.MAX_SAFE_INTEGER) return undefined;
  const view = viewOf(program.read(header, header + maxHeaderBytes));
  const identifier = 12;
  if (identifier + 1 > view.byteLength)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header is missing");
  const version = view.getUint32(0, true);
  if (version === 0 || version > maxMajorVersion) return undefined;
  const fields = identifier + 1 + view.getUint8(identifier);
  if (version >= 2 && number64(view, fields + 8) !== 0) {
    const [start, length] = [number64(view, fields), number64(view, fields + 8)];
    if (length > maxDepsBytes || start + length > program.size)
      throw new FormatError("dotnet-bundle", "malformed", "its deps.json lies outside of it");
    return { depsJson: program.read(start, start + length), assemblies: [] };
  }
  const entries = readEntries(view, version < 2 ? fields : fields + 40, view.getUint32(8, true), version >= 6);
  const deps = entries.find(({ type }) => type === fileTypes.depsJson);
  return {
    depsJson: deps === undefined ? undefined : contentOf(deps, program, maxDepsBytes),
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

function contentOf({ offset, size, packed, path }: Entry, program: ByteRanges, budget: number): Uint8Array {
  const stored = packed === 0 ? size : packed;
  if (offset + stored > program.size)
    throw new FormatError("dotnet-bundle", "malformed", `${path.slice(0, 200)} lies outside of it`);
  const content = program.read(offset, offset + stored);
  return packed === 0 ? content : inflateRaw(content, Math.min(size, budget));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function number64(view: DataView, at: number): number {
  if (at < 0 || at + 8 > view.byteLength)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header ends early");
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}
