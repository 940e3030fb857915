import { bytesAt, FormatError, StructureReader } from "@plimsoll/formats";
import type { Executable, ExecutableSection } from "@plimsoll/formats";

/** The build information that the Go linker writes into a program. */
export interface BuildInfo {
  /** `go1.22.1`, perhaps with experiments: `go1.24.0 X:boringcrypto`. */
  readonly goVersion: string;
  readonly main?: BuildModule;
  readonly dependencies: readonly BuildModule[];
  /** Build settings such as `-ldflags` and `vcs.revision`. */
  readonly settings: ReadonlyMap<string, string>;
}

export interface BuildModule {
  readonly path: string;
  readonly version: string;
  readonly sum?: string;
  /** What was built instead. */
  readonly replacement?: { readonly path: string; readonly version: string; readonly sum?: string };
}

/** Every program with build information holds this. */
export const buildInfoMark: Uint8Array = Uint8Array.from("\u00ff Go buildinf:", (char) => char.charCodeAt(0));

const headerSize = 32;
/** Bytes that are looked through for it: data sections begin with it. */
const maxSearched = 64 * 1024 * 1024;
const windowBytes = 1024 * 1024;
const maxText = 16 * 1024 * 1024;

/**
 * The build information of a Go program of any version since 1.12 (`debug/buildinfo`, `runtime/debug.ParseBuildInfo`);
 * undefined when there is none.
 * @throws FormatError when it is there but cannot be read.
 */
export function readBuildInfo(program: Executable): BuildInfo | undefined {
  // Parts may overlap as often as a hostile program likes.
  let left = maxSearched;
  for (const section of candidates(program)) {
    if (left <= 0) break;
    const at = findHeader(program, section, left);
    left -= section.size;
    if (at === undefined) continue;
    const end = Math.min(section.offset + section.size, at + headerSize + 2 * (maxText + 8));
    const [goVersion, modules] = readHeader(program, program.content.read(at, end));
    return { goVersion, ...parseModuleText(modules) };
  }
  return undefined;
}

/** The section made for it, else what is writable, as the older linkers put it at the start of the data. */
function candidates(program: Executable): readonly ExecutableSection[] {
  const named = program.sections.filter(({ name }) => name === ".go.buildinfo" || name === "__go_buildinfo");
  if (named.length > 0) return named;
  const all = program.format === "pe" ? program.sections : program.segments;
  return all.filter(({ writable }) => writable);
}

/** Where in the file it is: aligned to 16 bytes of its section. Every byte is looked at once, however many marks there are. */
function findHeader({ content }: Executable, section: ExecutableSection, most: number): number | undefined {
  const end = section.offset + Math.min(section.size, most);
  for (let from = section.offset; from < end; from += windowBytes) {
    const window = content.read(from, Math.min(end, from + windowBytes + headerSize));
    // Windows begin at multiples of 16 from the section's beginning.
    for (let at = 0; at + headerSize <= window.length && at < windowBytes; at += 16)
      if (window[at] === 0xff && buildInfoMark.every((byte, index) => window[at + index] === byte)) return from + at;
  }
  return undefined;
}

function readHeader(program: Executable, header: Uint8Array): readonly [string, string] {
  const flags = header[15] ?? 0;
  if ((flags & 2) !== 0) {
    const [goVersion, next] = inlineText(header, headerSize);
    return [decode(goVersion), decode(withoutSentinels(inlineText(header, next)[0]))];
  }
  const pointerSize = header[14] === 4 ? 4 : 8;
  const reader = new StructureReader("go-buildinfo", header, (flags & 1) === 0);
  const text = (at: number): Uint8Array =>
    textAt(program, reader.pointer(at, pointerSize), pointerSize, (flags & 1) === 0);
  return [decode(text(16)), decode(withoutSentinels(text(16 + pointerSize)))];
}

/** A length as unsigned varint, then so many bytes. */
function inlineText(data: Uint8Array, start: number): readonly [Uint8Array, number] {
  let length = 0;
  let scale = 1;
  for (let at = start; at < start + 5; at++) {
    const byte = data[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      const end = at + 1 + length;
      if (length > maxText || end > data.length) break;
      return [data.subarray(at + 1, end), end];
    }
  }
  throw new FormatError("go-buildinfo", "truncated", "a text ends early", { offset: start });
}

/** A Go string header, address and length, and what it points at. */
function textAt(program: Executable, address: number, size: 4 | 8, littleEndian: boolean): Uint8Array {
  if (address === 0) return new Uint8Array();
  const header = bytesAt(program, address, 2 * size);
  if (header === undefined || header.length < 2 * size)
    throw new FormatError("go-buildinfo", "malformed", "a text lies outside the program");
  const reader = new StructureReader("go-buildinfo", header, littleEndian);
  const length = reader.pointer(size, size);
  if (length === 0) return new Uint8Array();
  const text = length > maxText ? undefined : bytesAt(program, reader.pointer(0, size), length);
  if (text === undefined || text.length < length)
    throw new FormatError("go-buildinfo", "malformed", "a text lies outside the program");
  return text;
}

/** Module texts stand between two marks of 16 bytes. */
function withoutSentinels(text: Uint8Array): Uint8Array {
  return text.length >= 33 && text[text.length - 17] === 10 ? text.subarray(16, text.length - 16) : new Uint8Array();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Reads the module text: lines of tab-separated fields. Unknown lines are skipped. */
export function parseModuleText(text: string): Omit<BuildInfo, "goVersion"> {
  const modules: { kind: string; path: string; version: string; sum?: string; replacement?: BuildModule }[] = [];
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [kind = "", path = "", version = "", sum] = line.split("\t");
    if (kind === "mod" || kind === "dep") modules.push({ kind, ...moduleOf(path, version, sum) });
    else if (kind === "=>" && modules.length > 0)
      Object.assign(modules.at(-1) ?? {}, { replacement: moduleOf(path, version, sum) });
    else if (kind === "build") addSetting(settings, line.slice("build\t".length));
  }
  const main = modules.find((module) => module.kind === "mod" && module.path !== "");
  return {
    ...(main === undefined ? {} : { main }),
    dependencies: modules.filter((module) => module.kind === "dep" && module.path !== ""),
    settings,
  };
}

function moduleOf(path: string, version: string, sum: string | undefined): BuildModule {
  return { path, version, ...(sum === undefined || sum === "" ? {} : { sum }) };
}

/** `key=value`; either side is quoted as in Go when it holds white space or quotes. */
function addSetting(settings: Map<string, string>, line: string): void {
  const [, key = "", value = ""] = /^("(?:[^"\\]|\\.){0,4096}"|[^=]*)=(.*)$/.exec(line) ?? [];
  settings.set(unquote(key), unquote(value));
}

function unquote(text: string): string {
  if (text.startsWith("`") && text.endsWith("`")) return text.slice(1, -1);
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
