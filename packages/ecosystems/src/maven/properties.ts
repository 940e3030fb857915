/** A Java properties file (java.util.Properties, Unicode escapes included); a name given twice has its last value. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const [, name = "", value = ""] = /^((?:[^\\:=\s]|\\.){0,65536})\s*[:=]?\s*(.*)$/s.exec(line) ?? [];
    properties.set(unescapeText(name), unescapeText(value).trim());
  }
  return properties;
}

/** Lines without comments, a backslash at the end joining the next one. */
function* logicalLines(text: string): Generator<string> {
  let joined = "";
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.trimStart();
    if (joined === "" && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line.slice(-64))) {
      joined += line.slice(0, -1);
      continue;
    }
    yield joined + line;
    joined = "";
  }
  if (joined !== "") yield joined;
}

function unescapeText(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(?:u([0-9A-Fa-f]{4})|(.))/gs, (_, code: string | undefined, char: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return { t: "\t", n: "\n", r: "\r", f: "\f" }[char ?? ""] ?? char ?? "";
  });
}
