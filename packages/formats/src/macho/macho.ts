import { partOf, rangesOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { clampSection } from "../executable.ts";
import type { Executable, ExecutableSection } from "../executable.ts";
import { FormatError } from "../format-error.ts";
import { StructureReader } from "../structure-reader.ts";

/** First bytes of Mach-O files: either width and byte order, and files for several architectures. */
export const machoMagics: readonly Uint8Array[] = [
  Uint8Array.of(0xfe, 0xed, 0xfa, 0xce),
  Uint8Array.of(0xfe, 0xed, 0xfa, 0xcf),
  Uint8Array.of(0xce, 0xfa, 0xed, 0xfe),
  Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe),
  Uint8Array.of(0xca, 0xfe, 0xba, 0xbe),
];

const fatMagic = 0xcafebabe;
const maxCommands = 4_096;
/** The most sections and segments of all architectures together. Real programs have some dozens; those of a hostile file may overlap. */
const maxParts = 65_536;
const writable = 2;

/**
 * The programs of a Mach-O file, one for each architecture (`<mach-o/loader.h>`, `<mach-o/fat.h>`). Java classes share their first
 * bytes with files for several architectures and are refused.
 * @throws FormatError when it is none or ends early.
 */
export function readMachO(file: Uint8Array | ByteRanges): readonly Executable[] {
  const content = rangesOf(file);
  const reader = new StructureReader("macho", content, false);
  if (reader.u32(0) !== fatMagic) return [readSlice(content, maxParts)];
  const count = reader.u32(4);
  if (count === 0 || count > 16) throw new FormatError("macho", "malformed", "not a file of several architectures");
  const slices: Executable[] = [];
  let parts = 0;
  for (let index = 0; index < count; index++) {
    const at = 8 + index * 20;
    const offset = reader.u32(at + 8);
    const slice = readSlice(partOf(content, offset, offset + reader.u32(at + 12)), maxParts - parts);
    parts += slice.sections.length + slice.segments.length;
    slices.push(slice);
  }
  return slices;
}

/** @param most how many sections and segments it may have. */
function readSlice(content: ByteRanges, most: number): Executable {
  const magic = new StructureReader("macho", content, false).u32(0);
  const littleEndian = magic === 0xcefaedfe || magic === 0xcffaedfe;
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  if (!littleEndian && magic !== 0xfeedface && magic !== 0xfeedfacf)
    throw new FormatError("macho", "malformed", "not a Mach-O file");
  const reader = new StructureReader("macho", content, littleEndian);
  const sections: ExecutableSection[] = [];
  const segments: ExecutableSection[] = [];
  const count = reader.u32(16);
  if (count > maxCommands) throw new FormatError("macho", "limit-exceeded", `has more than ${maxCommands} commands`);
  let at = wide ? 32 : 28;
  for (let index = 0; index < count; index++) {
    const command = reader.u32(at);
    const size = reader.u32(at + 4);
    if (size < 8) throw new FormatError("macho", "malformed", "a load command without a size", { offset: at });
    if (command === (wide ? 0x19 : 0x1)) readSegment(reader, at, wide, content.size, segments, sections);
    if (segments.length + sections.length > most)
      throw new FormatError("macho", "limit-exceeded", `has more than ${maxParts} sections`);
    at += size;
  }
  return { format: "macho", littleEndian, pointerSize: wide ? 8 : 4, sections, segments, content };
}

function readSegment(
  reader: StructureReader,
  at: number,
  wide: boolean,
  fileSize: number,
  segments: ExecutableSection[],
  sections: ExecutableSection[],
): void {
  const width = wide ? 8 : 4;
  const isWritable = (reader.u32(at + (wide ? 60 : 44)) & writable) !== 0;
  const segment = clampSection(
    {
      name: reader.text(at + 8, 16),
      address: reader.pointer(at + 24, width),
      offset: reader.pointer(at + (wide ? 40 : 32), width),
      size: reader.pointer(at + (wide ? 48 : 36), width),
      writable: isWritable,
    },
    fileSize,
  );
  if (segment !== undefined) segments.push(segment);
  const count = Math.min(reader.u32(at + (wide ? 64 : 48)), maxCommands);
  for (let index = 0; index < count; index++) {
    const from = at + (wide ? 72 + index * 80 : 56 + index * 68);
    const section = clampSection(
      {
        name: reader.text(from, 16),
        address: reader.pointer(from + 32, width),
        offset: reader.u32(from + (wide ? 48 : 40)),
        size: reader.pointer(from + (wide ? 40 : 36), width),
        writable: isWritable,
      },
      fileSize,
    );
    if (section !== undefined) sections.push(section);
  }
}
