/** Shell-like assignments as os-release(5) and lsb-release files hold them: one a line, quotes optional. Other lines are skipped. */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    const equals = trimmed.indexOf("=");
    if (equals <= 0 || trimmed.startsWith("#")) continue;
    values.set(trimmed.slice(0, equals).trimEnd(), unquote(trimmed.slice(equals + 1).trim()));
  }
  return values;
}

function unquote(value: string): string {
  const quote = value[0];
  if ((quote !== '"' && quote !== "'") || value.length < 2 || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replace(/\\(["$`\\])/g, "$1") : inner;
}
