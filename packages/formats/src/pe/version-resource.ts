import type { Executable } from "../executable.ts";
import { StructureReader } from "../structure-reader.ts";
import { peContent, peDirectories, peDirectory } from "./directories.ts";

/** What the version resource of a Windows program says. */
export interface VersionResource {
  /** Four numbers of the file: `13.0.3.27908`. */
  readonly fileVersion: string;
  /** Four numbers of the product. */
  readonly productVersion: string;
  /** Texts by their names: `ProductName`, `ProductVersion`, `CompanyName`, `FileDescription`. Those of the first language. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The number of the resource type RT_VERSION. */
const versionType = 16;
const isDirectory = 0x8000_0000;
/** The most entries of a resource directory that are looked at. */
const maxEntries = 4_096;
/** The most bytes of a version resource. */
const maxResource = 1024 * 1024;
/** The most texts of a version resource, and below it the most UTF-16 units of one. */
const maxTexts = 256;
const maxText = 8_192;

/**
 * The version resource of a Windows program (`VS_VERSIONINFO`,
 * https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo); undefined when it has none.
 * @throws FormatError when its resources are damaged.
 */
export function readVersionResource(program: Executable): VersionResource | undefined {
  const resources = peDirectory(program, peDirectories.resources);
  if (resources === undefined) return undefined;
  const data = firstData(resources.content);
  if (data === undefined) return undefined;
  const content = peContent(program, data.address, Math.min(data.size, maxResource));
  return content === undefined ? undefined : readVersionInfo(content);
}

/** Finds the data of the first version resource, through the three levels of directories: type, name, language. */
function firstData(resources: Uint8Array): { readonly address: number; readonly size: number } | undefined {
  const reader = new StructureReader("pe", resources, true);
  let at = 0;
  for (const level of ["type", "name", "language"]) {
    const count = Math.min(reader.u16(at + 12) + reader.u16(at + 14), maxEntries);
    let next: number | undefined;
    for (let index = 0; index < count && next === undefined; index++) {
      const entry = at + 16 + index * 8;
      if (level !== "type" || reader.u32(entry) === versionType) next = reader.u32(entry + 4);
    }
    if (next === undefined) return undefined;
    if (next < isDirectory) return { address: reader.u32(next), size: reader.u32(next + 4) };
    at = next - isDirectory;
  }
  return undefined;
}

function readVersionInfo(bytes: Uint8Array): VersionResource | undefined {
  const reader = new StructureReader("pe", bytes, true);
  const root = readBlock(reader, 0, bytes.length);
  if (root?.key !== "VS_VERSION_INFO" || reader.u32(root.value) !== 0xfeef_04bd) return undefined;
  const texts = new Map<string, string>();
  for (const information of blocksIn(reader, root.value + root.valueLength, root.end)) {
    if (information.key !== "StringFileInfo") continue;
    for (const table of blocksIn(reader, information.value, information.end))
      for (const text of blocksIn(reader, table.value, table.end))
        if (!texts.has(text.key) && texts.size < maxTexts)
          texts.set(text.key, wideText(reader, text.value, text.end).trim());
  }
  const four = (at: number): string =>
    [reader.u16(at + 2), reader.u16(at), reader.u16(at + 6), reader.u16(at + 4)].join(".");
  return { fileVersion: four(root.value + 8), productVersion: four(root.value + 16), texts };
}

interface Block {
  readonly key: string;
  /** Offset of the value. {@link valueLength} means nothing for texts: some compilers count bytes, others characters. */
  readonly value: number;
  readonly valueLength: number;
  readonly end: number;
}

/**
 * Reads the head of a block: `wLength`, `wValueLength`, `wType`, `szKey`, and padding to four bytes. Undefined when no block fits between
 * the bounds.
 */
function readBlock(reader: StructureReader, at: number, end: number): Block | undefined {
  if (at + 6 > end) return undefined;
  const length = reader.u16(at);
  if (length < 6) return undefined;
  const blockEnd = Math.min(at + length, end);
  const key = wideText(reader, at + 6, blockEnd);
  return { key, value: aligned(at + 6 + (key.length + 1) * 2), valueLength: reader.u16(at + 2), end: blockEnd };
}

function* blocksIn(reader: StructureReader, start: number, end: number): Generator<Block> {
  let at = aligned(start);
  for (let count = 0; count < maxTexts; count++) {
    const block = readBlock(reader, at, end);
    if (block === undefined) return;
    yield block;
    at = aligned(block.end);
  }
}

function wideText(reader: StructureReader, start: number, end: number): string {
  let text = "";
  for (let at = start; at + 2 <= end && text.length < maxText; at += 2) {
    const unit = reader.u16(at);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

function aligned(at: number): number {
  return (at + 3) & ~3;
}
