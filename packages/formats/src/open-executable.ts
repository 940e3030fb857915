import { rangesOf } from "./byte-ranges.ts";
import type { ByteRanges } from "./byte-ranges.ts";
import { elfMagic, readElf } from "./elf/elf.ts";
import type { Executable } from "./executable.ts";
import { machoMagics, readMachO } from "./macho/macho.ts";
import { peMagic, readPe } from "./pe/pe.ts";

/** First bytes of every kind of program that {@link readExecutables} knows. */
export const executableMagics: readonly Uint8Array[] = [elfMagic, peMagic, ...machoMagics];

/**
 * The programs in a file: several for a Mach-O file of several architectures, none when it is no program at all.
 * @throws FormatError when it begins as one and is damaged.
 */
export function readExecutables(file: Uint8Array | ByteRanges): readonly Executable[] {
  const content = rangesOf(file);
  const head = content.read(0, 4);
  const startsWith = (magic: Uint8Array): boolean => magic.every((byte, at) => head[at] === byte);
  if (startsWith(elfMagic)) return [readElf(content)];
  if (startsWith(peMagic)) return [readPe(content)];
  return machoMagics.some(startsWith) ? readMachO(content) : [];
}
