/**
 * Go's YAML packages read quoted scalars and flow collections whose later lines are indented too little; the specification and js-yaml do
 * not. This joins the lines of such scalars and collections: every line break inside becomes a blank, and so does every comment. The
 * result has the length of the text, so offsets stay true; values must be decoded from the text itself.
 */
export function mendIndentation(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  const blank = (from: number, to: number): void => {
    pieces.push(text.slice(copied, from), " ".repeat(to - from));
    copied = to;
  };
  const lineEnd = (from: number): number => {
    const end = text.indexOf("\n", from);
    return end === -1 ? text.length : end;
  };

  /** Offset behind the closing quote of the scalar that begins at `from`. */
  const skipQuoted = (from: number): number => {
    const quote = text.charCodeAt(from);
    let at = from + 1;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10) blank(at, at + 1);
      else if (code === 92 && quote === 34 && text.charCodeAt(at + 1) !== 10) at++;
      else if (code === quote) {
        if (quote === 39 && text.charCodeAt(at + 1) === 39) at++;
        else return at + 1;
      }
    }
    return at;
  };

  /** Offset behind the closing bracket of the collection that begins at `from`. */
  const skipFlow = (from: number): number => {
    let depth = 0;
    let at = from;
    while (at < text.length) {
      const char = text[at];
      if (char === "[" || char === "{") depth++;
      else if (char === "]" || char === "}") {
        depth--;
        if (depth === 0) return at + 1;
      } else if ((char === '"' || char === "'") && startsToken(text, at)) {
        at = skipQuoted(at);
        continue;
      } else if (char === "#" && isBlank(text.charCodeAt(at - 1))) {
        const end = lineEnd(at);
        blank(at, end);
        at = end;
        continue;
      } else if (char === "\n") blank(at, at + 1);
      at++;
    }
    return at;
  };

  let at = 0;
  while (at < text.length) {
    const lineStart = at;
    while (text[at] === " ") at++;
    let atToken = true;
    let header = false;
    while (at < text.length && text[at] !== "\n") {
      const char = text[at];
      if (char === " " || char === "\t" || char === "\r") at++;
      else if (char === "#" && (at === lineStart || isBlank(text.charCodeAt(at - 1)))) at = lineEnd(at);
      else if (!atToken) {
        if (char === ":" && isBlank(text.charCodeAt(at + 1))) atToken = true;
        at++;
      } else if ((char === "-" || char === "?") && isBlank(text.charCodeAt(at + 1))) at++;
      else if (char === '"' || char === "'") {
        at = skipQuoted(at);
        atToken = false;
      } else if (char === "[" || char === "{") {
        at = skipFlow(at);
        atToken = false;
      } else if (char === "&" || char === "!") while (at < text.length && !isBlank(text.charCodeAt(at))) at++;
      else {
        if (char === "|" || char === ">") header = true;
        atToken = false;
        at++;
      }
    }
    at++;
    if (header) at = behindBlockScalar(text, at, lineStart);
  }
  return pieces.join("") + text.slice(copied);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || Number.isNaN(code);
}

/** Whether a quote at this place of a flow collection opens a scalar. Inside of a plain word it is a character like others. */
function startsToken(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && isBlank(text.charCodeAt(before))) before--;
  const char = text[before];
  return char === "[" || char === "{" || char === "," || char === ":";
}

function behindBlockScalar(text: string, from: number, headerLine: number): number {
  let headerIndent = 0;
  while (text[headerLine + headerIndent] === " ") headerIndent++;
  let content = -1;
  let at = from;
  while (at < text.length) {
    let indent = 0;
    while (text[at + indent] === " ") indent++;
    const first = text[at + indent];
    if (first !== "\n" && first !== "\r" && first !== undefined) {
      if (content === -1) {
        if (indent <= headerIndent) return at;
        content = indent;
      } else if (indent < content) return at;
    }
    const end = text.indexOf("\n", at + indent);
    if (end === -1) return text.length;
    at = end + 1;
  }
  return at;
}
