/** The header block of a message-like text: names are not case-sensitive, may repeat, and values may continue on indented lines. */
export interface Headers {
  /** First value under a lower-case name. */
  first(name: string): string | undefined;
  all(name: string): readonly string[];
  /** First line, 1-based, of a name; 1 when it is not there. */
  lineOf(name: string): number;
}

/** A name of printable ASCII characters and a colon, as `email.feedparser` has it. */
const field = /^([!-9;-~]*):/;

/**
 * Reads headers (RFC 822) where Python's `email` package, which installers read metadata with, reads them: up to the first line
 * that is empty or neither a header nor a continuation. A line of nothing but white space continues a value, as in licences
 * that are given in full; blank lines before the first header are passed over.
 */
export function parseHeaders(text: string): Headers {
  const values = new Map<string, { readonly line: number; readonly texts: string[] }>();
  let current: string[] | undefined;
  let number = 0;
  let begun = false;
  for (const line of lines(text)) {
    number++;
    if (line === "" && !begun) continue;
    begun = true;
    if (/^[ \t]/.test(line)) {
      if (current !== undefined) current[current.length - 1] += `\n${line.trim()}`;
      continue;
    }
    current = undefined;
    const name = field.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) {
      // The line that mailboxes separate messages with; `email` passes over it wherever it stands.
      if (line.startsWith("From ")) continue;
      break;
    }
    if (name === "") continue;
    const entry = values.get(name) ?? { line: number, texts: [] };
    values.set(name, entry);
    entry.texts.push(line.slice(name.length + 1).trim());
    current = entry.texts;
  }
  const all = (name: string): readonly string[] =>
    (values.get(name)?.texts ?? []).map((value) => value.trim()).filter((value) => value !== "");
  return {
    first: (name) => all(name)[0],
    all,
    lineOf: (name) => values.get(name)?.line ?? 1,
  };
}

/** Ended by a line feed, a carriage return, or both. */
function* lines(text: string): Generator<string> {
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x0a && unit !== 0x0d) continue;
    yield text.slice(start, at);
    if (unit === 0x0d && text.charCodeAt(at + 1) === 0x0a) at++;
    start = at + 1;
  }
  if (start < text.length) yield text.slice(start);
}
