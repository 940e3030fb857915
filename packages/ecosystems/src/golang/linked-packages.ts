import { FormatError, partOf, StructureReader } from "@plimsoll/formats";
import type { ByteRanges, Executable } from "@plimsoll/formats";

const sectionNames = new Set([".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"]);

/** Bytes that are in memory at a time. */
const windowBytes = 1024 * 1024;

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
    // Functions of one package mostly follow each other.
    let last = "\0";
    for (const names of functionNames(table, program.littleEndian))
      for (const name of names) {
        if (name.startsWith(last) && name.charAt(last.length) === "." && !name.includes("/", last.length)) continue;
        const path = packageOf(name.slice(0, maxNameBytes));
        if (path === undefined) continue;
        packages.add(path);
        if (!path.includes(".", path.lastIndexOf("/") + 1)) last = path;
      }
    return packages.size === 0 ? undefined : packages;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function findTable(program: Executable): ByteRanges | undefined {
  const named = program.sections.find(({ name }) => sectionNames.has(name));
  if (named !== undefined) return partOf(program.content, named.offset, named.offset + named.size);
  if (program.format !== "pe") return undefined;
  // The linker for Windows has no section of its own for it. Sections may overlap: together they are searched once through the file.
  let left = program.content.size;
  for (const section of program.sections) {
    if (section.writable && section.name !== ".data") continue;
    if (section.size > left) return undefined;
    left -= section.size;
    const content = partOf(program.content, section.offset, section.offset + section.size);
    const at = findMagic(content, program.pointerSize);
    if (at !== undefined) return partOf(content, at, content.size);
  }
  return undefined;
}

/** The magic number, two zero bytes, the instruction size and the pointer size. */
const beginningBytes = 8;

/** Where the table begins. A window of the section is in memory at a time: what is embedded in a program lies in it, too. */
function findMagic(content: ByteRanges, pointerSize: number): number | undefined {
  for (let from = 0; from < content.size; from += windowBytes) {
    const at = magicIn(content.read(from, from + windowBytes + beginningBytes - 1), pointerSize);
    if (at !== undefined) return from + at;
  }
  return undefined;
}

function magicIn(content: Uint8Array, pointerSize: number): number | undefined {
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

/** In portions: there may be a hundred thousand. */
function* functionNames(table: ByteRanges, littleEndian: boolean): Generator<Iterable<string>> {
  const reader = new StructureReader("go-pclntab", table, littleEndian);
  const magic = reader.u32(0);
  const pointerSize = reader.u8(7) === 4 ? 4 : 8;
  const word = (index: number): number => reader.pointer(8 + index * pointerSize, pointerSize);
  if (magic === magics.go118 || magic === magics.go120) yield* nameTable(table, word(3), word(4));
  else if (magic === magics.go116) yield* nameTable(table, word(2), word(3));
  else if (magic === magics.go12) yield namesOfFunctions(table.read(0, table.size), littleEndian, word(0), pointerSize);
}

/** Since Go 1.16 all names, also of inlined functions, stand in one block, each ended by a zero byte. */
function* nameTable(table: ByteRanges, start: number, end: number): Generator<readonly string[]> {
  const stop = Math.min(end, table.size);
  for (let from = start; from < stop;) {
    const names = table.read(from, Math.min(stop, from + windowBytes));
    if (names.length === 0) return;
    // What is cut by the window begins the next one; a name as long as the window is none.
    const isLast = from + names.length >= stop;
    const last = isLast ? -1 : names.lastIndexOf(0);
    const length = last === -1 ? names.length : last + 1;
    // To decode each by itself takes longer than all else.
    yield decoder.decode(names.subarray(0, length)).split("\0");
    from += length;
  }
}

/** Before, each function of the table points at its name. */
function* namesOfFunctions(
  table: Uint8Array,
  littleEndian: boolean,
  count: number,
  pointerSize: 4 | 8,
): Generator<string> {
  const reader = new StructureReader("go-pclntab", table, littleEndian);
  for (let index = 0; index < count; index++) {
    const description = reader.pointer(8 + pointerSize * (2 * index + 2), pointerSize);
    const start = reader.u32(description + pointerSize);
    // All functions may point at one text without an end: no more of it is looked at than is kept.
    const zero = table.subarray(start, start + maxNameBytes).indexOf(0);
    yield decoder.decode(table.subarray(start, start + (zero === -1 ? maxNameBytes : zero)));
  }
}

const decoder = new TextDecoder("latin1");
/** Names may be long where types are spelt out; the package comes first. */
const maxNameBytes = 512;

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
