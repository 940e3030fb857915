import type { ByteRanges } from "./byte-ranges.ts";

/** A named part of a program file. */
export interface ExecutableSection {
  readonly name: string;
  /** Where it is loaded; 0 for parts that are not. */
  readonly address: number;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Bytes in the file, 0 for parts that only reserve memory. */
  readonly size: number;
  readonly writable: boolean;
}

/** A program or library file. Sections and segments lie inside the file; those that do not are cut or left out. */
export interface Executable {
  readonly format: "elf" | "pe" | "macho";
  readonly littleEndian: boolean;
  /** Bytes of an address: 4 or 8. */
  readonly pointerSize: 4 | 8;
  readonly sections: readonly ExecutableSection[];
  /** The loaded parts with their addresses, for {@link bytesAt}; the sections themselves where the format has no segments. */
  readonly segments: readonly ExecutableSection[];
  /** The file, or the part of a file for several architectures that is this program. */
  readonly content: ByteRanges;
}

/** Content of the first section with this name; undefined when there is none. */
export function sectionContent(executable: Executable, name: string): Uint8Array | undefined {
  const section = executable.sections.find((candidate) => candidate.name === name);
  return section === undefined ? undefined : contentOf(executable, section);
}

/** Content of a section or segment. */
export function contentOf(executable: Executable, { offset, size }: ExecutableSection): Uint8Array {
  return executable.content.read(offset, offset + size);
}

/** The bytes loaded from an address on, up to `length` of them; undefined when nothing is loaded there. */
export function bytesAt(executable: Executable, address: number, length: number): Uint8Array | undefined {
  for (const segment of executable.segments) {
    const start = address - segment.address;
    if (segment.address !== 0 && start >= 0 && start < segment.size)
      return executable.content.read(segment.offset + start, segment.offset + Math.min(segment.size, start + length));
  }
  return undefined;
}

/** A section cut to what the file really holds; undefined when nothing of it is there. */
export function clampSection(section: ExecutableSection, fileSize: number): ExecutableSection | undefined {
  if (!Number.isSafeInteger(section.offset) || section.offset < 0 || section.offset >= fileSize) return undefined;
  const size = Math.max(0, Math.min(section.size, fileSize - section.offset));
  return size === section.size ? section : { ...section, size };
}
