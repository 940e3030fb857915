import { rangesOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { clampSection } from "../executable.ts";
import type { Executable, ExecutableSection } from "../executable.ts";
import { FormatError } from "../format-error.ts";
import { StructureReader, textAt } from "../structure-reader.ts";

/** First bytes of a DOS or Windows program. */
export const peMagic: Uint8Array = Uint8Array.of(0x4d, 0x5a);

const writable = 0x8000_0000;

/**
 * Sections of a Windows program or library
 * (https://learn.microsoft.com/windows/win32/debug/pe-format).
 * @throws FormatError when it is no Portable Executable or ends early.
 */
export function readPe(file: Uint8Array | ByteRanges): Executable {
  const content = rangesOf(file);
  const reader = new StructureReader("pe", content, true);
  if (reader.u16(0) !== 0x5a4d) throw new FormatError("pe", "malformed", "not a Windows program");
  const header = reader.u32(0x3c);
  if (reader.u32(header) !== 0x4550) throw new FormatError("pe", "malformed", "not a Windows program");
  const optional = header + 24;
  const wide = reader.u16(optional) === 0x20b;
  const imageBase = wide ? reader.u64(optional + 24) : reader.u32(optional + 28);
  const table = optional + reader.u16(header + 20);
  const strings = reader.u32(header + 12) + reader.u32(header + 16) * 18;
  const sections: ExecutableSection[] = [];
  for (let index = 0; index < reader.u16(header + 6); index++) {
    const at = table + index * 40;
    const section = clampSection(
      {
        name: sectionName(reader.text(at, 8), content, strings),
        address: imageBase + reader.u32(at + 12),
        offset: reader.u32(at + 20),
        // The rest of the raw data is padding of the file.
        size: Math.min(reader.u32(at + 16), reader.u32(at + 8) || Number.POSITIVE_INFINITY),
        writable: reader.u32(at + 36) >= writable,
      },
      content.size,
    );
    if (section !== undefined) sections.push(section);
  }
  return { format: "pe", littleEndian: true, pointerSize: wide ? 8 : 4, sections, segments: sections, content };
}

/**
 * The whole name of a section. Compilers other than Microsoft's put names of more than eight characters into the string table, and write
 * its offset as `/4`.
 */
function sectionName(name: string, content: ByteRanges, strings: number): string {
  const [, offset] = /^\/(\d{1,7})$/.exec(name) ?? [];
  return offset === undefined ? name : textAt(content, strings + Number(offset), 128);
}
