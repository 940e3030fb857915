/**
 * Turns a basic or extended POSIX regular expression, with GNU's additions (`\|`, `\+`, `\?`, `\w`, `\s`), into RE2's syntax.
 * Source: POSIX.1-2017, XBD chapter 9, and the manual of GNU grep.
 */
export function posixPattern(pattern: string, extended: boolean): string {
  let result = "";
  let at = 0;
  /** A `*` at the beginning of an expression is a character. */
  let begins = true;
  while (at < pattern.length) {
    const char = pattern[at] ?? "";
    if (char === "\\") {
      const next = pattern[at + 1];
      at += 2;
      if (next === undefined) result += "\\\\";
      else if (!extended && /[(){}|+?]/.test(next)) {
        result += next;
        begins = next === "(" || next === "|";
        continue;
      } else if (/[wWsSbB]/.test(next)) result += `\\${next}`;
      else if (next === "<" || next === ">") result += "\\b";
      else if (/[1-9]/.test(next)) throw new SyntaxError("back-references take more than linear time");
      // Anything else stands for itself: GNU grep reads `\n` as the letter.
      else result += escaped(next);
    } else if (char === "[") {
      const end = bracketEnd(pattern, at);
      if (end === -1) throw new SyntaxError("[ has no end");
      result += bracket(pattern.slice(at + 1, end));
      at = end + 1;
    } else if (!extended && /[(){}|+?]/.test(char)) {
      result += `\\${char}`;
      at++;
    } else if (char === "*" && begins) {
      result += "\\*";
      at++;
    } else if (char === "^" && !extended && !begins) {
      result += "\\^";
      at++;
    } else if (
      char === "$" &&
      !extended &&
      at + 1 < pattern.length &&
      !pattern.startsWith("\\)", at + 1) &&
      !pattern.startsWith("\\|", at + 1)
    ) {
      result += "\\$";
      at++;
    } else if (char === "{" && !/^\{\d+(,\d*)?\}/.test(pattern.slice(at, at + 16))) {
      result += "\\{";
      at++;
    } else {
      result += char;
      at++;
      if (char === "^" || char === "(" || char === "|") {
        begins = true;
        continue;
      }
    }
    begins = false;
  }
  return result;
}

/** A text as a pattern for itself. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => (char === "/" || char === "-" ? char : `\\${char}`));
}

function bracketEnd(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === "^") at++;
  if (pattern[at] === "]") at++;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "[" && pattern[at + 1] === ":") {
      const end = pattern.indexOf(":]", at + 2);
      if (end !== -1) at = end + 1;
    }
    at++;
  }
  return at < pattern.length ? at : -1;
}

const classes: Readonly<Record<string, string>> = {
  "[:space:]": "\\s",
  "[:digit:]": "0-9",
  "[:alpha:]": "A-Za-z",
  "[:alnum:]": "A-Za-z0-9",
  "[:upper:]": "A-Z",
  "[:lower:]": "a-z",
  "[:blank:]": " \\t",
  "[:punct:]": "!-/:-@\\[-`{-~",
};

/** In a bracket a backslash is a character, and `]` first. */
function bracket(inner: string): string {
  const negated = inner.startsWith("^");
  const body = (negated ? inner.slice(1) : inner).replace(
    /\[:\w+:\]|[\\[\]^]/g,
    (part) => classes[part] ?? `\\${part}`,
  );
  return `[${negated ? "^" : ""}${body}]`;
}
