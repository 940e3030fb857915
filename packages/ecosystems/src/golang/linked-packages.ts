import { contentOf, FormatError, StructureReader } from "@plimsoll/formats";
import type { Executable } from "@plimsoll/formats";

const sectionNames = new Set([".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"]);

/** First field of the function table, by the Go version that introduced the layout. */
const magics = { go12: 0xfffffffb, go116: 0xfffffffa, go118: 0xfffffff0, go120: 0xfffffff1 };

/**
 * Import paths of the packages that have code in a Go program, from its function table (`debug/gosym`, `runtime/symtab.go`);
 * undefined when there is none that can be read. The linker drops what nothing reaches, so a package that is missing here is not in the program,
 * unless all that is used of it is data.
 */
export function readLinkedPackages(program: Executable): ReadonlySet<string> | undefined {
  const table = findTable(program);
  if (table === undefined) return undefined;
  try {
    const packages = new Set<string>();
    for (const name of functionNames(table, program.littleEndian)) {
      const path = packageOf(name);
      if (path !== undefined) packages.add(path);
    }
    return packages.size === 0 ? undefined : packages;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function findTable(program: Executable): Uint8Array | undefined {
  const named = program.sections.find(({ name }) => sectionNames.has(name));
  if (named !== undefined) return contentOf(program, named);
  if (program.format !== "pe") return undefined;
  // The linker for Windows has no section of its own for it.
  for (const section of program.sections) {
    if (section.writable && section.name !== ".data") continue;
    const content = contentOf(program, section);
    const at = findMagic(content, program.pointerSize);
    if (at !== undefined) return content.subarray(at);
  }
  return undefined;
}

function findMagic(content: Uint8Array, pointerSize: number): number | undefined {
  for (let at = content.indexOf(0xff, 3); at !== -1; at = content.indexOf(0xff, at + 1)) {
    const start = at - 3;
    const low = content[start] ?? 0;
    const isMagic =
      content[start + 1] === 0xff &&
      content[start + 2] === 0xff &&
      (low === 0xf0 || low === 0xf1 || low === 0xfa || low === 0xfb);
    // Two zero bytes, the instruction size and the pointer size follow.
    if (
      isMagic &&
      content[at + 1] === 0 &&
      content[at + 2] === 0 &&
      (content[at + 3] ?? 9) <= 4 &&
      content[at + 4] === pointerSize
    )
      return start;
  }
  return undefined;
}

function* functionNames(table: Uint8Array, littleEndian: boolean): Generator<string> {
  const reader = new StructureReader("go-pclntab", table, littleEndian);
  const magic = reader.u32(0);
  const pointerSize = reader.u8(7) === 4 ? 4 : 8;
  const word = (index: number): number => reader.pointer(8 + index * pointerSize, pointerSize);
  if (magic === magics.go118 || magic === magics.go120) yield* nameTable(table, word(3), word(4));
  else if (magic === magics.go116) yield* nameTable(table, word(2), word(3));
  else if (magic === magics.go12) yield* namesOfFunctions(table, reader, word(0), pointerSize);
}

/** Since Go 1.16 all names, also of inlined functions, stand in one block, each ended by a zero byte. */
function* nameTable(table: Uint8Array, start: number, end: number): Generator<string> {
  const stop = Math.min(end, table.length);
  for (let at = start; at < stop;) {
    const zero = table.indexOf(0, at);
    const next = zero === -1 ? stop : Math.min(zero, stop);
    if (next > at) yield latin1(table, at, next);
    at = next + 1;
  }
}

/** Before, each function of the table points at its name. */
function* namesOfFunctions(
  table: Uint8Array,
  reader: StructureReader,
  count: number,
  pointerSize: 4 | 8,
): Generator<string> {
  for (let index = 0; index < count; index++) {
    const description = reader.pointer(8 + pointerSize * (2 * index + 2), pointerSize);
    const start = reader.u32(description + pointerSize);
    const zero = table.indexOf(0, start);
    if (zero !== -1) yield latin1(table, start, zero);
  }
}

const decoder = new TextDecoder("latin1");

/** Names may be long where types are spelt out; the package comes first. */
function latin1(table: Uint8Array, start: number, end: number): string {
  return decoder.decode(table.subarray(start, Math.min(end, start + 512)));
}

/** `golang.org/x/net/http2.(*Framer).ReadFrame` belongs to `golang.org/x/net/http2`; dots in its last element are escaped. */
function packageOf(name: string): string | undefined {
  const bracket = name.indexOf("[");
  const plain = bracket === -1 ? name : name.slice(0, bracket);
  const dot = plain.indexOf(".", plain.lastIndexOf("/") + 1);
  if (dot <= 0 || plain.includes(":") || plain.includes(" ")) return undefined;
  const path = plain.slice(0, dot);
  return path.includes("%")
    ? path.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : path;
}
