/** The most characters of a path. No kernel opens longer ones; Linux stops at 4096 bytes. */
const maxPathLength = 16_384;

/**
 * A member name as a path in the root file system: no leading or double slash, no `.` and no `..`.
 * The empty path is the root itself. Undefined: the name leaves the root, is too long or holds a zero byte.
 */
export function normalizePath(name: string): string | undefined {
  if (name.length > maxPathLength) return undefined;
  if (isPlain(name)) return name;
  if (name.includes("\0")) return undefined;
  const segments: string[] = [];
  for (const segment of name.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join("/");
}

/** Why {@link normalizePath} gives undefined for a name: the end of a sentence that begins with "its name". */
export function pathRefusal(name: string): string {
  if (name.length > maxPathLength) return `is longer than ${maxPathLength} characters`;
  return name.includes("\0") ? "holds a zero byte" : "leads out of the image";
}

/** Whether a name is a normal path already, as nearly all are: it has no empty segment, no `.` and no `..`. */
function isPlain(name: string): boolean {
  let segmentStart = 0;
  for (let at = 0; at <= name.length; at++) {
    const code = at === name.length ? 0x2f : name.charCodeAt(at);
    if (code === 0) return false;
    if (code !== 0x2f) continue;
    const length = at - segmentStart;
    if (length === 0) return false;
    if (length <= 2 && name.charCodeAt(segmentStart) === 0x2e && (length === 1 || name.charCodeAt(at - 1) === 0x2e))
      return false;
    segmentStart = at + 1;
  }
  return true;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A raw name as text. Bytes above ASCII of segments that are not valid UTF-8 become lone surrogates (U+DC80 to U+DCFF, as
 * Python's PEP 383 has them), which no valid name decodes to: different names stay different, so that none can hide another.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return segmentsOf(bytes).map(decodeSegment).join("/");
  }
}

function decodeSegment(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
    return text;
  }
}

function segmentsOf(bytes: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0x2f); at !== -1; at = bytes.indexOf(0x2f, start)) {
    segments.push(bytes.subarray(start, at));
    start = at + 1;
  }
  segments.push(bytes.subarray(start));
  return segments;
}
