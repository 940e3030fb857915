import type { Executable } from "../executable.ts";
import { FormatError } from "../format-error.ts";
import { StructureReader } from "../structure-reader.ts";
import { peContent, peDirectories, peDirectory } from "./directories.ts";

/** Name and version as the metadata of a .NET assembly write them. */
export interface AssemblyName {
  readonly name: string;
  /** Four numbers: `4.0.0.0`. */
  readonly version: string;
  /** The culture of an assembly that holds translations, such as `de`. Absent: it is neutral. */
  readonly culture?: string;
}

/** A .NET assembly: itself, and what it is compiled against. */
export interface Assembly extends AssemblyName {
  readonly references: readonly AssemblyName[];
}

/** References that are read of one assembly; the largest have some hundreds. */
const maxReferences = 4_096;
const maxStreams = 64;
const maxName = 1_024;

/**
 * The manifest of a managed program or library (ECMA-335, II.24 and II.25.3.3); undefined for one that is not managed, and for a
 * module that is no assembly of its own.
 * @throws FormatError when its metadata are damaged.
 */
export function readAssembly(program: Executable): Assembly | undefined {
  const cli = peDirectory(program, peDirectories.cli);
  if (cli === undefined) return undefined;
  const header = new StructureReader("cli", cli.content, true);
  const metadata = peContent(program, header.u32(8), header.u32(12));
  if (metadata === undefined) throw new FormatError("cli", "malformed", "the metadata lie outside of the program");
  const streams = readStreams(metadata);
  const tables = streams.get("#~") ?? streams.get("#-");
  const strings = streams.get("#Strings");
  return tables === undefined || strings === undefined ? undefined : readManifest(tables, strings);
}

/** The streams of the metadata, such as `#Strings`, by name (II.24.2.1, II.24.2.2). */
function readStreams(metadata: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const reader = new StructureReader("cli", metadata, true);
  if (reader.u32(0) !== 0x424a_5342) throw new FormatError("cli", "malformed", "the metadata have no signature");
  let at = 16 + ((reader.u32(12) + 3) & ~3);
  const count = Math.min(reader.u16(at + 2), maxStreams);
  at += 4;
  const streams = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const [offset, size] = [reader.u32(at), reader.u32(at + 4)];
    const name = reader.text(at + 8, 32);
    streams.set(name, metadata.subarray(offset, offset + size));
    at += 8 + ((name.length + 4) & ~3);
  }
  return streams;
}

/** Kinds of indexes that point into one of several tables: how many of their bits say which, and the tables (II.24.2.6). */
const coded: Readonly<Record<string, { readonly bits: number; readonly tables: readonly number[] }>> = {
  typeDefOrRef: { bits: 2, tables: [0x02, 0x01, 0x1b] },
  hasConstant: { bits: 2, tables: [0x04, 0x08, 0x17] },
  hasCustomAttribute: {
    bits: 5,
    tables: [
      0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26, 0x27, 0x28,
      0x2a, 0x2c, 0x2b,
    ],
  },
  hasFieldMarshal: { bits: 1, tables: [0x04, 0x08] },
  hasDeclSecurity: { bits: 2, tables: [0x02, 0x06, 0x20] },
  memberRefParent: { bits: 3, tables: [0x02, 0x01, 0x1a, 0x06, 0x1b] },
  hasSemantics: { bits: 1, tables: [0x14, 0x17] },
  methodDefOrRef: { bits: 1, tables: [0x06, 0x0a] },
  memberForwarded: { bits: 1, tables: [0x04, 0x06] },
  customAttributeType: { bits: 3, tables: [0x06, 0x0a] },
  resolutionScope: { bits: 2, tables: [0x00, 0x1a, 0x23, 0x01] },
};

/** What a column holds: a number of so many bytes, or an index into a heap, into a table, or into one of several tables. */
type Column = 2 | 4 | "string" | "guid" | "blob" | { readonly table: number } | { readonly coded: string };

const to = (table: number): Column => ({ table });
const oneOf = (name: string): Column => ({ coded: name });

/** Columns of the tables up to AssemblyRef, in the order of their numbers (II.22): rows have to be counted to reach it. */
const layout: readonly (readonly Column[])[] = [
  [2, "string", "guid", "guid", "guid"],
  [oneOf("resolutionScope"), "string", "string"],
  [4, "string", "string", oneOf("typeDefOrRef"), to(0x04), to(0x06)],
  [to(0x04)],
  [2, "string", "blob"],
  [to(0x06)],
  [4, 2, 2, "string", "blob", to(0x08)],
  [to(0x08)],
  [2, 2, "string"],
  [to(0x02), oneOf("typeDefOrRef")],
  [oneOf("memberRefParent"), "string", "blob"],
  [2, oneOf("hasConstant"), "blob"],
  [oneOf("hasCustomAttribute"), oneOf("customAttributeType"), "blob"],
  [oneOf("hasFieldMarshal"), "blob"],
  [2, oneOf("hasDeclSecurity"), "blob"],
  [2, 4, to(0x02)],
  [4, to(0x04)],
  ["blob"],
  [to(0x02), to(0x14)],
  [to(0x14)],
  [2, "string", oneOf("typeDefOrRef")],
  [to(0x02), to(0x17)],
  [to(0x17)],
  [2, "string", "blob"],
  [2, to(0x06), oneOf("hasSemantics")],
  [to(0x02), oneOf("methodDefOrRef"), oneOf("methodDefOrRef")],
  ["string"],
  ["blob"],
  [2, oneOf("memberForwarded"), "string", to(0x1a)],
  [4, to(0x04)],
  [4, 4],
  [4],
  [4, 2, 2, 2, 2, 4, "blob", "string", "string"],
  [4],
  [4, 4, 4],
  [2, 2, 2, 2, 4, "blob", "string", "string", "blob"],
];
const assemblyTable = 0x20;
const referenceTable = 0x23;

function readManifest(tables: Uint8Array, strings: Uint8Array): Assembly | undefined {
  const reader = new StructureReader("cli", tables, true);
  const names = new StructureReader("cli", strings, true);
  const heaps = reader.u8(6);
  const rows = new Array<number>(64).fill(0);
  let at = 24;
  for (let table = 0; table < 64; table++) {
    if ((reader.u32(table < 32 ? 8 : 12) & (1 << (table % 32))) === 0) continue;
    rows[table] = reader.u32(at);
    at += 4;
  }
  // Undocumented: Microsoft's linkers put four bytes behind the counts when this bit is set.
  if ((heaps & 0x40) !== 0) at += 4;
  const widthOf = (column: Column): number => {
    if (typeof column === "number") return column;
    if (column === "string") return (heaps & 1) === 0 ? 2 : 4;
    if (column === "guid") return (heaps & 2) === 0 ? 2 : 4;
    if (column === "blob") return (heaps & 4) === 0 ? 2 : 4;
    if ("table" in column) return (rows[column.table] ?? 0) < 0x1_0000 ? 2 : 4;
    const { bits, tables: targets } = coded[column.coded] ?? { bits: 0, tables: [] };
    return Math.max(0, ...targets.map((table) => rows[table] ?? 0)) < 2 ** (16 - bits) ? 2 : 4;
  };
  const stringWidth = widthOf("string");
  const nameAt = (offset: number): string =>
    utf8(names.text(stringWidth === 2 ? reader.u16(offset) : reader.u32(offset), maxName));
  const versionAt = (offset: number): string => [0, 2, 4, 6].map((part) => String(reader.u16(offset + part))).join(".");
  let own: AssemblyName | undefined;
  const references: AssemblyName[] = [];
  for (const [table, columns] of layout.entries()) {
    const width = columns.reduce<number>((sum, column) => sum + widthOf(column), 0);
    const count = rows[table] ?? 0;
    if (table === assemblyTable && count > 0)
      own = named(
        nameAt(at + 16 + widthOf("blob")),
        versionAt(at + 4),
        nameAt(at + 16 + widthOf("blob") + stringWidth),
      );
    if (table === referenceTable)
      for (let index = 0; index < Math.min(count, maxReferences); index++) {
        const row = at + index * width;
        const name = row + 12 + widthOf("blob");
        references.push(named(nameAt(name), versionAt(row), nameAt(name + stringWidth)));
      }
    at += width * count;
  }
  return own === undefined || own.name === "" ? undefined : { ...own, references };
}

function named(name: string, version: string, culture: string): AssemblyName {
  return { name, version, ...(culture === "" ? {} : { culture }) };
}

/** Decodes UTF-8 that was read as Latin-1, as names in the heap of strings are. */
function utf8(text: string): string {
  return /[\u0080-\u00ff]/.test(text)
    ? new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0)))
    : text;
}
