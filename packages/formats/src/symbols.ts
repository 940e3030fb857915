import type { Executable, ExecutableSection } from "./executable.ts";
import { contentOf } from "./executable.ts";
import { FormatError } from "./format-error.ts";
import { StructureReader } from "./structure-reader.ts";

/** Symbols of one table that are looked through. */
const maxSymbols = 2_000_000;
const maxNameLength = 256;

/**
 * Addresses of exported symbols with these names: from the dynamic and the static symbol table of ELF (gABI 4.3), the
 * symbol table of Mach-O (`<mach-o/nlist.h>`, names without their underscore), and the export directory of Windows
 * programs. Names that are not there, and tables that lie outside of the file, give nothing.
 */
export function symbolAddresses(program: Executable, names: readonly string[]): ReadonlyMap<string, number> {
  const wanted = new Set(names);
  const found = new Map<string, number>();
  try {
    for (const [name, address] of { elf: elfSymbols, macho: machoSymbols, pe: peExports }[program.format](program))
      if (wanted.has(name) && address !== 0 && !found.has(name)) found.set(name, address);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return found;
}

function* elfSymbols(program: Executable): Generator<readonly [string, number]> {
  const wide = program.pointerSize === 8;
  for (const [table, strings] of [
    [".dynsym", ".dynstr"],
    [".symtab", ".strtab"],
  ]) {
    const symbols = program.sections.find(({ name }) => name === table);
    const texts = program.sections.find(({ name }) => name === strings);
    if (symbols === undefined || texts === undefined) continue;
    const reader = new StructureReader("elf", contentOf(program, symbols), program.littleEndian);
    const text = new StructureReader("elf", contentOf(program, texts), program.littleEndian);
    const size = wide ? 24 : 16;
    for (let at = 0; at + size <= symbols.size && at < maxSymbols * size; at += size)
      yield [text.text(reader.u32(at), maxNameLength), reader.pointer(at + (wide ? 8 : 4), program.pointerSize)];
  }
}

const symbolTableCommand = 2;

function* machoSymbols(program: Executable): Generator<readonly [string, number]> {
  const reader = new StructureReader("macho", program.content, program.littleEndian);
  const wide = program.pointerSize === 8;
  const size = wide ? 16 : 12;
  let at = wide ? 32 : 28;
  for (let command = 0; command < reader.u32(16); command++) {
    if (reader.u32(at) === symbolTableCommand) {
      const [symbols, count, strings] = [reader.u32(at + 8), reader.u32(at + 12), reader.u32(at + 16)];
      for (let index = 0; index < Math.min(count, maxSymbols); index++) {
        const entry = symbols + index * size;
        const name = reader.text(strings + reader.u32(entry), maxNameLength);
        yield [name.replace(/^_/, ""), reader.pointer(entry + 8, program.pointerSize)];
      }
    }
    at += Math.max(8, reader.u32(at + 4));
  }
}

function* peExports(program: Executable): Generator<readonly [string, number]> {
  const reader = new StructureReader("pe", program.content, true);
  const optional = reader.u32(0x3c) + 24;
  const wide = program.pointerSize === 8;
  const imageBase = wide ? reader.u64(optional + 24) : reader.u32(optional + 28);
  const offset = (address: number): number => offsetIn(program.sections, imageBase + address);
  const directory = reader.u32(optional + (wide ? 112 : 96));
  if (directory === 0) return;
  const at = offset(directory);
  const count = Math.min(reader.u32(at + 24), maxSymbols);
  const [addresses, names, ordinals] = [28, 32, 36].map((field) => offset(reader.u32(at + field)));
  for (let index = 0; index < count; index++) {
    const name = reader.text(offset(reader.u32((names ?? 0) + index * 4)), maxNameLength);
    const ordinal = reader.u16((ordinals ?? 0) + index * 2);
    yield [name, imageBase + reader.u32((addresses ?? 0) + ordinal * 4)];
  }
}

/** The place in the file of an address; one that cannot be read where nothing is loaded there. */
function offsetIn(sections: readonly ExecutableSection[], address: number): number {
  const section = sections.find((each) => address >= each.address && address < each.address + each.size);
  return section === undefined ? -1 : section.offset + address - section.address;
}
