/** The encodings that a byte order mark names, as pip looks for them; of UTF-32 before UTF-16, whose mark begins one of its own. */
const marks: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe, 0, 0], "utf-32le"],
  [[0, 0, 0xfe, 0xff], "utf-32be"],
  [[0xfe, 0xff], "utf-16be"],
  [[0xff, 0xfe], "utf-16le"],
];

/**
 * The text of a requirements file as pip decodes it (https://pip.pypa.io/en/stable/reference/requirements-file-format/#encoding): by
 * its byte order mark, else by a comment in the first two lines that names an encoding (PEP 263), else as UTF-8. An unknown encoding is
 * read as UTF-8 too.
 */
export function decodeRequirements(bytes: Uint8Array): string {
  for (const [mark, encoding] of marks)
    if (mark.every((byte, at) => bytes[at] === byte)) return decode(bytes.subarray(mark.length), encoding);
  return decode(bytes, encodingOf(bytes) ?? "utf-8");
}

/** How much of a file is looked at for a comment that names its encoding. */
const headBytes = 4_096;

function encodingOf(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, headBytes));
  for (const line of head.split("\n", 2)) {
    const encoding = line.startsWith("#") ? /coding[:=]\s*([-\w.]{1,40})/.exec(line)?.[1] : undefined;
    if (encoding !== undefined) return encoding.toLowerCase().replaceAll("_", "-");
  }
  return undefined;
}

function decode(bytes: Uint8Array, encoding: string): string {
  if (encoding.startsWith("utf-32")) return decodeWide(bytes, encoding.endsWith("le"));
  try {
    return new TextDecoder(encoding === "cp1252" || encoding === "latin-1" ? "windows-1252" : encoding).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function decodeWide(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    parts.push(point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd");
  }
  return parts.join("");
}

/** `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements/base.txt`. */
export function isRequirementsPath(path: string): boolean {
  const [directory = "", name = ""] = path.split("/").slice(-2).length === 2 ? path.split("/").slice(-2) : ["", path];
  return /requirements/i.test(name) || directory === "requirements";
}

/** A line as pip counts them. */
export interface LogicalLine {
  readonly text: string;
  /** 1-based; of the first of the lines that a backslash joins. */
  readonly line: number;
}

/** Lines with those that a backslash continues, without comments. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let pending = "";
  let start = 0;
  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    const line = raw.replace(/\r$/, "");
    if (pending === "") start = number;
    if (line.endsWith("\\") && !line.trimStart().startsWith("#") && pending.length < 65_536) {
      pending += `${line.slice(0, -1)} `;
      continue;
    }
    yield { text: withoutComment(pending + line), line: start };
    pending = "";
  }
  if (pending !== "") yield { text: withoutComment(pending), line: start };
}

function withoutComment(line: string): string {
  if (line.trimStart().startsWith("#")) return "";
  const at = line.search(/\s#/);
  return at === -1 ? line : line.slice(0, at);
}

/** Options of a single requirement follow it after white space. */
export function withoutOptions(line: string): string {
  const at = line.search(/\s--?[A-Za-z]/);
  return at === -1 ? line : line.slice(0, at);
}

/** A further file that a line names: `-r other.txt`, `--constraint=pins.txt`; undefined for every other line. */
export function includeOf(line: string): { readonly path: string; readonly constraint: boolean } | undefined {
  const [, option = "", path = ""] =
    /^\s*(-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(\S.*)$/.exec(line) ?? [];
  if (path === "") return undefined;
  const plain = path.trim().replace(/^(["'])(.*)\1$/, "$2");
  return { path: plain, constraint: option.startsWith("-c") || option === "--constraint" };
}
