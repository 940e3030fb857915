/** Wildcards of one pattern; more only serve to be slow. */
const maxWildcards = 8;

/**
 * Whether a directory, relative to the root of a workspace, is one of its members: patterns with `*` for a part of a name and
 * `**` for any directories, those that begin with `!` taking members out again.
 */
export function isMember(directory: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean => compile(pattern)?.test(directory) === true;
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const unwanted = patterns.filter((pattern) => pattern.startsWith("!"));
  return wanted.some(matches) && !unwanted.some((pattern) => matches(pattern.slice(1)));
}

function compile(pattern: string): RegExp | undefined {
  const plain = pattern.replace(/^\.\//, "").replace(/\/$/, "");
  if (plain.length > 256 || plain.split("*").length > maxWildcards) return undefined;
  const source = plain
    .split("/")
    .map((part) => (part === "**" ? ".*" : part.split(/\*+/).map(escape).join("[^/]*")))
    .join("/");
  return new RegExp(`^${source}$`);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
