import { parse } from "smol-toml";
import { keptOf } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { findBytes } from "../find-bytes.ts";
import { FormatError } from "../format-error.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** Nested arrays and inline tables deeper than this are refused. */
const maxDepth = 200;

/**
 * Reads a TOML 1.0 document; integers beyond 2^53 become bigints.
 * @throws FormatError for anything else.
 */
export function parseToml(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { maxDepth, integersAsBigInt: "asNeeded" });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "not TOML";
    throw new FormatError("toml", "malformed", reason.slice(0, 160), { cause: error });
  }
}

/**
 * Lines, 1-based, of the elements of an array of tables, in order: that of the key `name` where the element has one
 * in its own lines, else that of its header `[[table]]`.
 */
export function tomlTableLines(text: string, table: string): readonly number[] {
  const lines: number[] = [];
  const header = `[[${table}]]`;
  let open = false;
  let number = 1;
  for (let at = 0; at <= text.length; number++) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    if (text.startsWith("[", at)) {
      open = text.startsWith(header, at);
      if (open) lines.push(number);
    } else if (open && /^name\s*=/.test(text.slice(at, Math.min(end, at + 32)))) {
      lines[lines.length - 1] = number;
      open = false;
    }
    at = end + 1;
  }
  return lines;
}

/** A TOML document of which only the members that were asked for are kept. */
export interface TomlEntries {
  readonly document: Readonly<Record<string, unknown>>;
  /** Line, 1-based, of each element of the array of tables, as {@link tomlTableLines} tells it. */
  readonly lines: readonly number[];
}

/**
 * Reads a TOML document that is mostly one array of tables, as lock files are, element by element: memory is taken for the bytes, one
 * element and what `wanted` keeps of the others. Accepts and refuses the same documents as {@link parseToml}.
 * @param bytes UTF-8
 * @param table name of the array of tables
 * @param wanted members that it does not name are left out
 * @throws FormatError for anything that is not TOML.
 */
export function parseTomlEntries(bytes: Uint8Array, table: string, wanted: DocumentShape): TomlEntries {
  return finish(tomlEntriesSteps(bytes, table, wanted));
}

/**
 * The same in portions. What cannot be read element by element is read at once.
 * @param mostWhole that is refused of a text with more bytes. Absent: of none
 */
export function* tomlEntriesSteps(
  bytes: Uint8Array,
  table: string,
  wanted: DocumentShape,
  mostWhole: number = Infinity,
): Steps<TomlEntries> {
  const entries = yield* parseInPieces(bytes, table, wanted);
  if (entries !== undefined) return entries;
  if (bytes.length > mostWhole)
    throw new FormatError(
      "toml",
      "limit-exceeded",
      `more than ${mostWhole} bytes, and not one ${table} after the other`,
    );
  return parseWhole(bytes, table, wanted);
}

/** To read a piece takes about as long as looking at its bytes so many times. */
const timesToRead = 16;

function parseWhole(bytes: Uint8Array, table: string, wanted: DocumentShape): TomlEntries {
  const text = decoder.decode(bytes);
  return { document: documentOf(keptOf(parseToml(text), wanted)), lines: tomlTableLines(text, table) };
}

/**
 * Reads a document piece by piece, where a piece begins with a header. That gives the same result as reading it whole, unless two pieces
 * write into one table. Undefined where they do, and where a piece is not valid TOML, since what looks like a header may stand inside of a
 * text.
 */
function* parseInPieces(bytes: Uint8Array, table: string, wanted: DocumentShape): Steps<TomlEntries | undefined> {
  const header = encoder.encode(`\n[[${table}]]`);
  const document = new Map<string, unknown>();
  const entries: unknown[] = [];
  const lines: number[] = [];
  let line = 1;
  for (let start = 0; start < bytes.length;) {
    const next = findBytes(bytes, header, start);
    const end = next === -1 ? bytes.length : next + 1;
    const text = decoder.decode(bytes.subarray(start, end));
    const piece = parsePiece(text);
    if (piece === undefined) return undefined;
    for (const [key, value] of Object.entries(piece)) {
      if (key === table) {
        if (!Array.isArray(value)) return undefined;
        const { [table]: kept } = documentOf(keptOf({ [table]: value }, wanted));
        if (Array.isArray(kept)) for (const entry of kept) entries.push(entry);
      } else if (document.has(key)) return undefined;
      else document.set(key, documentOf(keptOf({ [key]: value }, wanted))[key]);
    }
    for (const found of tomlTableLines(text, table)) lines.push(line + found - 1);
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) line++;
    yield (end - start) * timesToRead;
    start = end;
  }
  if (entries.length > 0) document.set(table, entries);
  for (const [key, value] of document) if (value === undefined) document.delete(key);
  return { document: Object.fromEntries(document), lines };
}

function parsePiece(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseToml(text);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function documentOf(value: unknown): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>; // Of an object an object is kept.
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
