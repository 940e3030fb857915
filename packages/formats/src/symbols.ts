import { rangesOf } from "./byte-ranges.ts";
import type { Executable, ExecutableSection } from "./executable.ts";
import { contentOf } from "./executable.ts";
import { FormatError } from "./format-error.ts";
import { StructureReader, textAt } from "./structure-reader.ts";

/** How many symbols of one table are looked at. */
const maxSymbols = 2_000_000;

interface ProgramSymbol {
  readonly name: string;
  readonly address: () => number;
}

/**
 * Addresses of exported symbols with these names: from the dynamic and the static symbol table of ELF (gABI 4.3), the
 * symbol table of Mach-O (`<mach-o/nlist.h>`, names without their underscore), and the export directory of Windows
 * programs. Names that are not there, and tables that lie outside of the file, give nothing.
 */
export function symbolAddresses(program: Executable, names: readonly string[]): ReadonlyMap<string, number> {
  const wanted = new Set(names);
  // Of a name no more is read than tells that it is none of these: all symbols may point at the same long text.
  const longest = 1 + Math.max(0, ...names.map((name) => name.length));
  const found = new Map<string, number>();
  try {
    for (const symbol of { elf: elfSymbols, macho: machoSymbols, pe: peExports }[program.format](program, longest)) {
      if (!wanted.has(symbol.name) || found.has(symbol.name)) continue;
      const address = symbol.address();
      if (address !== 0) found.set(symbol.name, address);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return found;
}

function* elfSymbols(program: Executable, longest: number): Generator<ProgramSymbol> {
  const wide = program.pointerSize === 8;
  for (const [table, strings] of [
    [".dynsym", ".dynstr"],
    [".symtab", ".strtab"],
  ]) {
    const symbols = program.sections.find(({ name }) => name === table);
    const texts = program.sections.find(({ name }) => name === strings);
    if (symbols === undefined || texts === undefined) continue;
    const reader = new StructureReader("elf", contentOf(program, symbols), program.littleEndian);
    const names = rangesOf(contentOf(program, texts));
    const size = wide ? 24 : 16;
    for (let at = 0; at + size <= symbols.size && at < maxSymbols * size; at += size)
      yield {
        name: textAt(names, reader.u32(at), longest),
        address: () => reader.pointer(at + (wide ? 8 : 4), program.pointerSize),
      };
  }
}

const symbolTableCommand = 2;

function* machoSymbols(program: Executable, longest: number): Generator<ProgramSymbol> {
  const reader = new StructureReader("macho", program.content, program.littleEndian);
  const wide = program.pointerSize === 8;
  const size = wide ? 16 : 12;
  let at = wide ? 32 : 28;
  for (let command = 0; command < reader.u32(16); command++) {
    if (reader.u32(at) === symbolTableCommand) {
      const [symbols, count, strings] = [reader.u32(at + 8), reader.u32(at + 12), reader.u32(at + 16)];
      for (let index = 0; index < Math.min(count, maxSymbols); index++) {
        const entry = symbols + index * size;
        const name = textAt(program.content, strings + reader.u32(entry), longest + 1);
        yield { name: name.replace(/^_/, ""), address: () => reader.pointer(entry + 8, program.pointerSize) };
      }
      // A program has one (`<mach-o/loader.h>`).
      return;
    }
    at += Math.max(8, reader.u32(at + 4));
  }
}

function* peExports(program: Executable, longest: number): Generator<ProgramSymbol> {
  const reader = new StructureReader("pe", program.content, true);
  const optional = reader.u32(0x3c) + 24;
  const wide = program.pointerSize === 8;
  const imageBase = wide ? reader.u64(optional + 24) : reader.u32(optional + 28);
  const places = placesOf(program.sections);
  const offset = (address: number): number => places(imageBase + address);
  const directory = reader.u32(optional + (wide ? 112 : 96));
  if (directory === 0) return;
  const at = offset(directory);
  const count = Math.min(reader.u32(at + 24), maxSymbols);
  const [addresses = 0, names = 0, ordinals = 0] = [28, 32, 36].map((field) => offset(reader.u32(at + field)));
  for (let index = 0; index < count; index++) {
    const name = textAt(program.content, offset(reader.u32(names + index * 4)), longest);
    const address = (): number => imageBase + reader.u32(addresses + reader.u16(ordinals + index * 2) * 4);
    yield { name, address };
  }
}

/** Gives the place in the file of an address; -1, which cannot be read, where nothing is loaded there. */
function placesOf(sections: readonly ExecutableSection[]): (address: number) => number {
  const sorted = [...sections].sort((a, b) => a.address - b.address);
  return (address) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const section = sorted[low - 1];
    return section === undefined || address >= section.address + section.size
      ? -1
      : section.offset + address - section.address;
  };
}
