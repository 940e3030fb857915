import { rangesOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { clampSection } from "../executable.ts";
import type { Executable, ExecutableSection } from "../executable.ts";
import { FormatError } from "../format-error.ts";
import { StructureReader, textAt } from "../structure-reader.ts";

/** First bytes of an ELF file. */
export const elfMagic: Uint8Array = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);

const maxHeaders = 65_536;
const maxNameBytes = 128;
const noBits = 8;
const loadable = 1;

interface Layout {
  readonly wide: boolean;
  readonly reader: StructureReader;
}

/**
 * Sections and loaded segments of an ELF file (System V ABI, gABI 4.1), of either width and byte order.
 * @throws FormatError when the header is none, or tables lie outside the file.
 */
export function readElf(file: Uint8Array | ByteRanges): Executable {
  const content = rangesOf(file);
  const head = content.read(0, 6);
  if (elfMagic.some((byte, at) => head[at] !== byte)) throw new FormatError("elf", "malformed", "not an ELF file");
  const width = head[4];
  const order = head[5];
  if ((width !== 1 && width !== 2) || (order !== 1 && order !== 2))
    throw new FormatError("elf", "unsupported", "unknown width or byte order");
  const layout: Layout = { wide: width === 2, reader: new StructureReader("elf", content, order === 1) };
  return {
    format: "elf",
    littleEndian: order === 1,
    pointerSize: layout.wide ? 8 : 4,
    sections: readSections(layout, content),
    segments: readSegments(layout, content.size),
    content,
  };
}

function readSections({ wide, reader }: Layout, content: ByteRanges): readonly ExecutableSection[] {
  const table = wide ? reader.u64(0x28) : reader.u32(0x20);
  if (table === 0) return [];
  const entrySize = reader.u16(wide ? 0x3a : 0x2e);
  const statedCount = reader.u16(wide ? 0x3c : 0x30);
  const statedNames = reader.u16(wide ? 0x3e : 0x32);
  if (entrySize < (wide ? 64 : 40)) throw new FormatError("elf", "malformed", "section headers are too small");
  const raw = (index: number): RawSection => {
    const at = table + index * entrySize;
    return {
      name: reader.u32(at),
      type: reader.u32(at + 4),
      flags: reader.pointer(at + 8, wide ? 8 : 4),
      address: reader.pointer(at + (wide ? 16 : 12), wide ? 8 : 4),
      offset: reader.pointer(at + (wide ? 24 : 16), wide ? 8 : 4),
      size: reader.pointer(at + (wide ? 32 : 20), wide ? 8 : 4),
      link: reader.u32(at + (wide ? 40 : 24)),
    };
  };
  // Files with very many sections keep the numbers in the first, otherwise empty one.
  const count = statedCount === 0 ? raw(0).size : statedCount;
  const names = statedNames === 0xffff ? raw(0).link : statedNames;
  if (count > maxHeaders) throw new FormatError("elf", "limit-exceeded", `has more than ${maxHeaders} sections`);
  const nameTable = names < count ? raw(names) : undefined;
  const sections: ExecutableSection[] = [];
  for (let index = 1; index < count; index++) {
    const { name, type, flags, address, offset, size } = raw(index);
    const section = clampSection(
      {
        name:
          nameTable === undefined || name >= nameTable.size
            ? ""
            : textAt(content, nameTable.offset + name, maxNameBytes),
        address,
        offset,
        size: type === noBits ? 0 : size,
        writable: flags % 2 === 1,
      },
      content.size,
    );
    if (section !== undefined) sections.push(section);
  }
  return sections;
}

interface RawSection {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

function readSegments({ wide, reader }: Layout, fileSize: number): readonly ExecutableSection[] {
  const table = wide ? reader.u64(0x20) : reader.u32(0x1c);
  const entrySize = reader.u16(wide ? 0x36 : 0x2a);
  const count = table === 0 ? 0 : reader.u16(wide ? 0x38 : 0x2c);
  const segments: ExecutableSection[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * entrySize;
    if (reader.u32(at) !== loadable) continue;
    const flags = reader.u32(at + (wide ? 4 : 24));
    const segment = clampSection(
      {
        name: "",
        address: reader.pointer(at + (wide ? 16 : 8), wide ? 8 : 4),
        offset: reader.pointer(at + (wide ? 8 : 4), wide ? 8 : 4),
        size: reader.pointer(at + (wide ? 32 : 16), wide ? 8 : 4),
        writable: (flags & 2) !== 0,
      },
      fileSize,
    );
    if (segment !== undefined) segments.push(segment);
  }
  return segments;
}

/** An entry of an ELF note section. */
export interface ElfNote {
  readonly owner: string;
  readonly type: number;
  readonly content: Uint8Array;
}

/** The notes in a note section (gABI, "Note Section"). Those behind a damaged one are left out. */
export function elfNotes(section: Uint8Array, littleEndian: boolean): readonly ElfNote[] {
  const reader = new StructureReader("elf", section, littleEndian);
  const notes: ElfNote[] = [];
  for (let at = 0; at + 12 <= section.length;) {
    const nameSize = reader.u32(at);
    const contentSize = reader.u32(at + 4);
    const content = at + 12 + align(nameSize);
    if (content + contentSize > section.length) break;
    notes.push({
      owner: reader.text(at + 12, nameSize),
      type: reader.u32(at + 8),
      content: section.subarray(content, content + contentSize),
    });
    at = content + align(contentSize);
  }
  return notes;
}

function align(size: number): number {
  return Math.ceil(size / 4) * 4;
}
