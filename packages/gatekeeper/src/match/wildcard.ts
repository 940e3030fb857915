/** Whether a name matches a pattern that may have `*` at its start and its end, and nowhere else. */
export function matchesWildcard(pattern: string, name: string): boolean {
  if (pattern.length > 1 && pattern.startsWith("*") && pattern.endsWith("*"))
    return name.includes(pattern.slice(1, -1));
  if (pattern === "*") return true;
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return name.startsWith(pattern.slice(0, -1));
  return pattern === name;
}

/** Whether every name that the API server may generate from a prefix matches, which only patterns that end in `*` can. */
export function matchesGenerateName(pattern: string, prefix: string): boolean {
  return pattern.endsWith("*") && matchesWildcard(pattern, prefix);
}
