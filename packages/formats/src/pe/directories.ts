import { bytesAt } from "../executable.ts";
import type { Executable } from "../executable.ts";
import { StructureReader } from "../structure-reader.ts";

/** Positions of entries in the table of data directories (PE format, "Optional Header Data Directories"). */
export const peDirectories = { resources: 2, cli: 14 } as const;

/**
 * The content of a data directory of a Windows program, and where it is loaded relative to the image; undefined when there is none.
 * @throws FormatError when the headers end early.
 */
export function peDirectory(
  program: Executable,
  directory: number,
): { readonly content: Uint8Array; readonly address: number } | undefined {
  const reader = new StructureReader("pe", program.content, true);
  const optional = reader.u32(0x3c) + 24;
  const isWide = reader.u16(optional) === 0x20b;
  const counted = optional + (isWide ? 108 : 92);
  if (directory >= reader.u32(counted)) return undefined;
  const entry = counted + 4 + directory * 8;
  const [address, size] = [reader.u32(entry), reader.u32(entry + 4)];
  const content = address === 0 || size === 0 ? undefined : peContent(program, address, size);
  return content === undefined ? undefined : { content, address };
}

/** The bytes that are loaded at an address relative to the image's base, at most `size` of them. */
export function peContent(program: Executable, address: number, size: number): Uint8Array | undefined {
  const reader = new StructureReader("pe", program.content, true);
  const optional = reader.u32(0x3c) + 24;
  const base = reader.u16(optional) === 0x20b ? reader.u64(optional + 24) : reader.u32(optional + 28);
  return bytesAt(program, base + address, size);
}
