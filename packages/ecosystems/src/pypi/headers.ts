/** The header block of a message-like text: names are not case-sensitive, may repeat, and values may continue on indented lines. */
export interface Headers {
  /** First value under a lower-case name. */
  first(name: string): string | undefined;
  all(name: string): readonly string[];
  /** First line, 1-based, of a name; 1 when it is not there. */
  lineOf(name: string): number;
}

/** Reads headers (RFC 822 as Python's metadata uses it) up to the first blank line; lines that are none are skipped. */
export function parseHeaders(text: string): Headers {
  const values = new Map<string, { readonly line: number; readonly texts: string[] }>();
  let current: string[] | undefined;
  let number = 0;
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, end).replace(/\r$/, "");
    at = end + 1;
    number++;
    if (line.trim() === "") {
      if (values.size > 0) break;
      continue;
    }
    if (/^\s/.test(line)) {
      if (current !== undefined && current.length > 0) current[current.length - 1] += `\n${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon <= 0 ? "" : line.slice(0, colon).toLowerCase();
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) continue;
    const entry = values.get(name) ?? { line: number, texts: [] };
    values.set(name, entry);
    entry.texts.push(line.slice(colon + 1).trim());
    current = entry.texts;
  }
  return {
    first: (name) => values.get(name)?.texts.find((value) => value !== ""),
    all: (name) => values.get(name)?.texts.filter((value) => value !== "") ?? [],
    lineOf: (name) => values.get(name)?.line ?? 1,
  };
}
