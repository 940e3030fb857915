import type { ByteRanges } from "./byte-ranges.ts";

/** A named part of a program file. */
export interface ExecutableSection {
  readonly name: string;
  /** Address at which it is loaded; 0 for a part that is not loaded. */
  readonly address: number;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Bytes in the file; 0 for a part that only reserves memory. */
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
  /** The parts that are loaded, with their addresses: {@link bytesAt} looks into them. Where the format has no segments, they are the sections. */
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

/** Cuts a section to the end of the file; undefined when it lies behind it. */
export function clampSection(section: ExecutableSection, fileSize: number): ExecutableSection | undefined {
  if (!Number.isSafeInteger(section.offset) || section.offset < 0 || section.offset >= fileSize) return undefined;
  const size = Math.max(0, Math.min(section.size, fileSize - section.offset));
  return size === section.size ? section : { ...section, size };
}
