/** The character that a Dockerfile escapes with: a backslash, or a backtick after `# escape=`. */
export type EscapeCharacter = "\\" | "`";

/** Whether Go's `unicode.IsSpace` would say so, for the characters that Dockerfiles hold. */
export function isSpace(char: string | undefined): boolean {
  return char === " " || (char !== undefined && char >= "\t" && char <= "\r") || char === "\u0085" || char === "\u00a0";
}

/** Text without whitespace at both ends, as Go's `strings.TrimSpace` makes it. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

/** Splits a text at blanks; quotes mean nothing in it. */
export function splitOnSpace(text: string): readonly string[] {
  return text.split(/[\t-\r \u0085\u00a0]+/).filter((word) => word !== "");
}

/** The first word, and what follows it without leading whitespace; undefined when nothing does. */
export function firstWord(text: string): readonly [string, string | undefined] {
  let end = 0;
  while (end < text.length && !isSpace(text[end])) end++;
  let rest = end;
  while (rest < text.length && isSpace(text[rest])) rest++;
  return [text.slice(0, end), end === text.length ? undefined : text.slice(rest)];
}

/** Words apart by whitespace outside of quotes; quotes and escapes stay in them, as BuildKit's parser keeps them. */
export function splitWords(text: string, escape: EscapeCharacter): readonly string[] {
  const words: string[] = [];
  let start = -1;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (start === -1) {
      if (isSpace(char)) continue;
      start = at;
    }
    if (quote === undefined) {
      if (isSpace(char)) {
        words.push(text.slice(start, at));
        start = -1;
      } else if (char === "'" || char === '"') quote = char;
      else if (char === escape) at++;
    } else if (char === quote) quote = undefined;
    else if (char === escape && quote !== "'") at++;
  }
  if (start !== -1) {
    // An escape character at the very end escapes nothing and is dropped.
    const dangling = quote === undefined && endsInEscape(text, start, escape);
    const last = dangling ? text.slice(start, -1) : text.slice(start);
    if (last !== "") words.push(last);
  }
  return words;
}

function endsInEscape(text: string, start: number, escape: EscapeCharacter): boolean {
  let count = 0;
  while (text.length - count > start && text[text.length - 1 - count] === escape) count++;
  return count % 2 === 1;
}

/** Flags (`--name=value`) before the arguments of an instruction, without quotes, and what is left of the line. */
export function splitFlags(text: string): { readonly flags: readonly string[]; readonly rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at])) at++;
    if (!text.startsWith("--", at)) return { flags, rest: text.slice(at) };
    let word = "";
    let quote: string | undefined;
    for (; at < text.length; at++) {
      const char = text[at] ?? "";
      if (quote === undefined && isSpace(char)) break;
      if (quote === undefined && (char === "'" || char === '"')) quote = char;
      else if (char === quote) quote = undefined;
      else if (char === "\\") {
        at++;
        word += text[at] ?? "";
      } else word += char;
    }
    if (word === "--") return { flags, rest: text.slice(at) };
    flags.push(word);
  }
}
