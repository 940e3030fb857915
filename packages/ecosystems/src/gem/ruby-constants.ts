/**
 * Values that Ruby text gives to names, read without running it: literals, lists of them that are joined, and texts that hold
 * other names. Whatever else a program computes stays unknown.
 */
export interface RubyConstants {
  /** The value of the name, by its last segment; undefined when it has none, or several that differ. */
  get(name: string): string | undefined;
}

/** Names may be made of names; nobody goes further than this. */
const maxDepth = 8;
const maxLine = 8_192;

const assignment = /^\s*(?:\w+::)*([A-Z]\w*)\s*=(?![=~>])\s*(\S.*)$/;

/** Reads all assignments of constants in a file. */
export function rubyConstants(text: string): RubyConstants {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    if (line.length > maxLine) continue;
    const [, name, value] = assignment.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
  }
  const resolve = (name: string, depth: number): string | undefined => {
    if (depth > maxDepth) return undefined;
    const found = new Set(
      (values.get(name) ?? []).map((value) => evaluate(value, (other) => resolve(other, depth + 1))),
    );
    const [first] = found;
    return found.size === 1 ? first : undefined;
  };
  return { get: (name) => resolve(name, 0) };
}

const literal = /^(?:"((?:[^"\\]|\\.)*)"|'([^'\\]*)'|(\d{1,9})\b|(nil)\b)/;
const joined = /^\[([^[\]]*)\]((?:\.(?:compact|map\(&:to_s\)))*)\.join\(?\s*["'](.?)["']/;

/** The value of an expression that is a literal, a joined list of literals and names, or a name; undefined for others. */
export function evaluate(expression: string, valueOf: (name: string) => string | undefined): string | undefined {
  const [, list, calls = "", separator = ""] = joined.exec(expression) ?? [];
  if (list !== undefined) {
    const parts = list
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "nil" || !calls.includes("compact"))
      .map((part) => evaluate(part, valueOf));
    const known = parts.filter((part) => part !== undefined && part !== "");
    return known.length === parts.length ? known.join(separator) : undefined;
  }
  const [, double, single, digits, nothing] = literal.exec(expression) ?? [];
  if (nothing !== undefined) return undefined;
  if (double !== undefined) return interpolated(double, valueOf);
  if (single !== undefined || digits !== undefined) return single ?? digits;
  const name = constantOf(expression);
  return name === undefined ? undefined : valueOf(name);
}

/** The last segment of `Some::VERSION`, ignoring calls that do not change the text; undefined for any other expression. */
export function constantOf(expression: string): string | undefined {
  const plain = /^(?:::)?((?:\w+::)*[A-Z]\w*)((?:\.(?:dup|freeze|to_s|strip|chomp))*)\s*(?:#.*)?$/.exec(
    expression.trim(),
  );
  return plain?.[1]?.split("::").at(-1);
}

function interpolated(text: string, valueOf: (name: string) => string | undefined): string | undefined {
  let isKnown = true;
  const whole = text.replaceAll(/#\{([^}]*)\}/g, (_, inner: string) => {
    const name = constantOf(inner);
    const value = name === undefined ? undefined : valueOf(name);
    isKnown &&= value !== undefined;
    return value ?? "";
  });
  return isKnown ? whole : undefined;
}
