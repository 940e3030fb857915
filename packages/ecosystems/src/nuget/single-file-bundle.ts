import { FormatError, findBytes, parseJsonDocument } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/malformed-file.ts";
import { readDepsJson } from "./deps-json.ts";

/** SHA-256 of ".net core bundle": the eight bytes before it point to the bundle (dotnet/runtime, bundle_marker.cpp). */
const marker = new Uint8Array([
  0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9,
  0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
]);

/** A deps.json is rarely larger than a megabyte. */
const maxDepsBytes = 64 * 1024 * 1024;

/** .NET programs published as one executable carry their deps.json inside (dotnet/designs, "Single-file Publish"). */
export const singleFileBundle: FileAnalyzer = {
  kind: "file",
  id: "nuget/single-file-bundle",
  revision: 2,
  matches: [
    { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true },
    { magic: new Uint8Array([0x4d, 0x5a]), executable: true },
  ],
  async *analyze(file) {
    // The host alone is larger than this.
    if (file.size < 64 * 1024) return;
    const bytes = await file.bytes();
    const at = findBytes(bytes, marker);
    if (at < 8) return;
    const located = readOrReport(file, () => depsJsonOf(bytes, at - 8));
    if ("problem" in located) return yield located.problem;
    if (located.value === undefined) return;
    const text = new TextDecoder().decode(located.value);
    const parsed = readOrReport(file, () => parseJsonDocument(text));
    if ("problem" in parsed) return yield malformedFile(file, `the deps.json inside: ${parsed.problem.message}`);
    yield* readDepsJson(parsed.value, file);
  },
};

/** Bundle header: versions, number of files, an identifier, then (since version 2) where the deps.json lies. */
function depsJsonOf(bytes: Uint8Array, pointer: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = number64(view, pointer);
  // Zero in every host that carries no bundle.
  if (header === 0) return undefined;
  const identifier = header + 12;
  if (identifier + 1 > bytes.length)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header is missing");
  if (view.getUint32(header, true) < 2) return undefined;
  const fields = identifier + 1 + (bytes[identifier] ?? 0);
  const start = number64(view, fields);
  const length = number64(view, fields + 8);
  if (length === 0) return undefined;
  if (length > maxDepsBytes || start + length > bytes.length) {
    throw new FormatError("dotnet-bundle", "malformed", "its deps.json lies outside of it");
  }
  return bytes.subarray(start, start + length);
}

function number64(view: DataView, at: number): number {
  if (at < 0 || at + 8 > view.byteLength)
    throw new FormatError("dotnet-bundle", "truncated", "the bundle header ends early");
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}
