/** A part of a statement that may name a licence, and how it is joined to the part before. */
export interface StatementPart {
  /** Offsets in the statement in UTF-16 units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The operator before the part; `list` after a comma or semicolon, and for the first part. */
  readonly joiner: "and" | "or" | "slash" | "list";
}

/** More parts than this are no list of licences. */
const maxParts = 200;

/**
 * Operators outside of parentheses. "or later" and its like belong to a version, "and/or" leaves the choice. Underscores and
 * hyphens around "or" stand for spaces, as names of files have them.
 */
const operator =
  /(?:[\s,;_-]|^)\s*(?:-?(and\/or|or|and)-?|\|\|?|&&?)(?=[\s_(-])(?![\s_-]*(?:later|newer|higher|above|greater|any\b|at your|\(at your|only))[\s_]*|\s*([,;])\s*|\s*(\/)\s*|\s+(\+)\s+|(?<=[A-Za-z])(\+)(?=[A-Za-z])/giy;

/** Splits a statement at operators, commas and slashes outside of parentheses, into at most 200 parts without surrounding space. */
export function splitStatement(text: string): readonly StatementPart[] {
  const parts: StatementPart[] = [];
  let depth = 0;
  let start = 0;
  let joiner: StatementPart["joiner"] = "list";
  const push = (end: number, next: StatementPart["joiner"]): void => {
    const piece = text.slice(start, end);
    if (piece.trim() !== "") {
      const lead = piece.length - piece.trimStart().length;
      parts.push({ start: start + lead, end: start + piece.trimEnd().length, joiner });
      joiner = next;
    } else if (next !== "list") joiner = next;
  };
  for (let at = 0; at < text.length && parts.length < maxParts;) {
    const char = text[at];
    if (char === "(") depth += 1;
    if (char === ")") depth = Math.max(0, depth - 1);
    operator.lastIndex = at;
    // Links hold slashes that join nothing.
    const link = /^https?:\/\//i.test(text.slice(at, at + 8)) ? /^\S+/.exec(text.slice(at, at + 500)) : null;
    if (link !== null) {
      at += link[0].length;
      continue;
    }
    const match = depth === 0 && char !== "(" && char !== ")" ? operator.exec(text) : null;
    if (match === null || match[0] === "") {
      at += 1;
      continue;
    }
    const [all, word, comma, slash] = match;
    push(at, joinerOf(word, comma, slash, all));
    at += all.length;
    start = at;
  }
  push(text.length, "list");
  return parts;
}

function joinerOf(
  word: string | undefined,
  comma: string | undefined,
  slash: string | undefined,
  all: string,
): StatementPart["joiner"] {
  if (word !== undefined) return word.toLowerCase() === "and" ? "and" : "or";
  if (comma !== undefined) return "list";
  if (slash !== undefined) return "slash";
  return all.includes("|") ? "or" : "and";
}
