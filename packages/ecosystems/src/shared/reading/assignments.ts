/** Shell-like assignments as os-release(5) and lsb-release files hold them: one a line, quotes and a comment behind optional. Other lines are skipped. */
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

/** A value up to its closing quote; without quotes, up to a comment. */
function unquote(value: string): string {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')(?:\s|$)/s.exec(value) ?? [];
  if (double !== undefined) return double.replace(/\\(["$`\\])/g, "$1");
  if (single !== undefined) return single;
  // A pattern for the whole space before a comment would look at a long one again from each place in it.
  const comment = value.search(/\s#/);
  return comment === -1 ? value : value.slice(0, comment).trimEnd();
}
