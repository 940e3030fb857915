import type { Redirection, Script, Statement, Word, WordPart } from "./script.ts";
import { UnsupportedAudit } from "./unsupported.ts";

/** Longer audits are refused; published ones have fewer than 5,000 characters. */
const maxLength = 100_000;
const maxDepth = 40;

/**
 * Parses an audit line into statements: commands, pipelines, `&&`, `||`, `!`, `if`, `for`, `while`, groups, assignments, quotes, variables
 * and command substitutions of the POSIX shell, with `[[`. Everything else is refused by name.
 * Source: POSIX.1-2017, XCU chapter 2.
 * @throws UnsupportedAudit
 */
export function parseScript(text: string, depth = 0): Script {
  if (text.length > maxLength) throw new UnsupportedAudit("audit too long");
  const parser = new ScriptParser(text, depth);
  const script = parser.script([]);
  if (!parser.atEnd) throw new UnsupportedAudit("shell syntax", `unexpected ${parser.rest}`);
  return script;
}

const reserved = new Set([
  "if",
  "then",
  "elif",
  "else",
  "fi",
  "for",
  "do",
  "done",
  "while",
  "until",
  "case",
  "esac",
  "{",
  "}",
  "!",
]);
const enders = new Set(["then", "elif", "else", "fi", "do", "done", "}", "esac"]);
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;

class ScriptParser {
  readonly #text: string;
  #at = 0;
  #depth: number;

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  get atEnd(): boolean {
    this.#skipBlanks(true);
    return this.#at >= this.#text.length;
  }

  get rest(): string {
    return this.#text.slice(this.#at, this.#at + 20);
  }

  /** Statements up to one of the closing words, to `)` or to the end; the closer is left. */
  script(closers: readonly string[]): Script {
    this.#depth++;
    if (this.#depth > maxDepth) throw new UnsupportedAudit("shell nesting");
    const statements: Statement[] = [];
    for (;;) {
      this.#skipBlanks(true);
      while (this.#text[this.#at] === ";" && this.#text[this.#at + 1] !== ";") {
        this.#at++;
        this.#skipBlanks(true);
      }
      if (this.#at >= this.#text.length || this.#text[this.#at] === ")") break;
      const word = this.#peekWord();
      if (closers.includes(word)) break;
      if (enders.has(word)) throw new UnsupportedAudit("shell syntax", `unexpected ${word}`);
      statements.push(this.#choice());
      this.#skipBlanks(false);
      const next = this.#text[this.#at];
      if (next === "&") throw new UnsupportedAudit("background command");
      if (next === ";" || next === "\n") this.#at++;
      else if (next !== undefined && next !== ")")
        throw new UnsupportedAudit("shell syntax", `unexpected ${this.rest}`);
    }
    this.#depth--;
    return statements;
  }

  #skipBlanks(lines: boolean): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === " " || char === "\t" || char === "\r" || (lines && char === "\n")) this.#at++;
      else if (char === "\\" && this.#text[this.#at + 1] === "\n") this.#at += 2;
      else if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else return;
    }
  }

  /** The unquoted word that begins here. */
  #peekWord(): string {
    let end = this.#at;
    while (end < this.#text.length && /[A-Za-z{}!]/.test(this.#text[end] ?? "")) end++;
    const after = this.#text[end];
    return after === undefined || /[\s;|&()]/.test(after) ? this.#text.slice(this.#at, end) : "";
  }

  #takeWord(word: string): void {
    this.#skipBlanks(true);
    if (this.#peekWord() !== word) throw new UnsupportedAudit("shell syntax", `${word} is missing`);
    this.#at += word.length;
  }

  #choice(): Statement {
    let left = this.#pipeline();
    for (;;) {
      this.#skipBlanks(false);
      const operator = this.#text.slice(this.#at, this.#at + 2);
      if (operator !== "&&" && operator !== "||") return left;
      this.#at += 2;
      this.#skipBlanks(true);
      left = { kind: "choice", operator: operator === "&&" ? "and" : "or", left, right: this.#pipeline() };
    }
  }

  #pipeline(): Statement {
    let negated = false;
    while (this.#peekWord() === "!") {
      this.#at++;
      negated = !negated;
      this.#skipBlanks(false);
    }
    const parts = [this.#part()];
    for (;;) {
      this.#skipBlanks(false);
      if (this.#text[this.#at] !== "|" || this.#text[this.#at + 1] === "|") break;
      this.#at++;
      if (this.#text[this.#at] === "&") throw new UnsupportedAudit("redirection", "|&");
      this.#skipBlanks(true);
      parts.push(this.#part());
    }
    const [only] = parts;
    return parts.length === 1 && !negated && only !== undefined ? only : { kind: "pipeline", parts, negated };
  }

  #part(): Statement {
    if (this.#text[this.#at] === "(") {
      if (this.#text[this.#at + 1] === "(") throw new UnsupportedAudit("shell arithmetic");
      this.#at++;
      const body = this.script([]);
      this.#expect(")");
      return { kind: "group", body, redirections: this.#redirections() };
    }
    const word = this.#peekWord();
    switch (word) {
      case "if":
        return this.#if();
      case "for":
        return this.#for();
      case "while":
      case "until": {
        this.#at += word.length;
        const when = this.script(["do"]);
        this.#takeWord("do");
        const body = this.script(["done"]);
        this.#takeWord("done");
        return { kind: "while", when, body, until: word === "until", redirections: this.#redirections() };
      }
      case "{": {
        this.#at++;
        const body = this.script(["}"]);
        this.#takeWord("}");
        return { kind: "group", body, redirections: this.#redirections() };
      }
      case "case":
        throw new UnsupportedAudit("shell case");
      case "function":
        throw new UnsupportedAudit("shell function");
      default:
        if (reserved.has(word)) throw new UnsupportedAudit("shell syntax", `unexpected ${word}`);
        return this.#command();
    }
  }

  #if(): Statement {
    const branches: { when: Script; body: Script }[] = [];
    let otherwise: Script | undefined;
    this.#takeWord("if");
    for (;;) {
      const when = this.script(["then"]);
      this.#takeWord("then");
      branches.push({ when, body: this.script(["elif", "else", "fi"]) });
      const word = this.#peekWord();
      this.#at += word.length;
      if (word === "elif") continue;
      if (word === "else") {
        otherwise = this.script(["fi"]);
        this.#takeWord("fi");
      } else if (word !== "fi") throw new UnsupportedAudit("shell syntax", "fi is missing");
      break;
    }
    const redirections = this.#redirections();
    return { kind: "if", branches, redirections, ...(otherwise === undefined ? {} : { otherwise }) };
  }

  #for(): Statement {
    this.#takeWord("for");
    this.#skipBlanks(false);
    const name = this.#name();
    if (name === "") throw new UnsupportedAudit("shell arithmetic");
    this.#skipBlanks(true);
    const words: Word[] = [];
    if (this.#peekWord() !== "in") throw new UnsupportedAudit("shell positional parameters");
    this.#at += 2;
    for (;;) {
      this.#skipBlanks(false);
      const char = this.#text[this.#at];
      if (char === undefined || char === ";" || char === "\n") break;
      words.push(this.#word());
    }
    if (this.#text[this.#at] !== undefined) this.#at++;
    this.#takeWord("do");
    const body = this.script(["done"]);
    this.#takeWord("done");
    return { kind: "for", name, words, body, redirections: this.#redirections() };
  }

  #name(): string {
    const start = this.#at;
    if (nameStart.test(this.#text[this.#at] ?? "")) while (nameRest.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #expect(char: string): void {
    this.#skipBlanks(true);
    if (this.#text[this.#at] !== char) throw new UnsupportedAudit("shell syntax", `${char} is missing`);
    this.#at++;
  }

  #command(): Statement {
    const assignments: { name: string; value: Word; append: boolean }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    let test = false;
    for (;;) {
      this.#skipBlanks(false);
      const char = this.#text[this.#at];
      if (test && char !== undefined) {
        // Inside [[ … ]] these are operators of the test.
        const operator = /^(&&|\|\||[()<>])/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
        if (operator !== undefined) {
          words.push([{ kind: "text", text: operator, quoted: false }]);
          this.#at += operator.length;
          continue;
        }
        if (char === "\n") {
          this.#at++;
          continue;
        }
      }
      if (char === undefined || /[\n;)]/.test(char) || char === "|") break;
      if (char === "&" && this.#text[this.#at + 1] !== ">") break;
      if (char === "(") throw new UnsupportedAudit(words.length === 1 ? "shell function" : "shell array");
      const redirection = this.#redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      if (words.length === 0) {
        const assignment = /^([A-Za-z_][A-Za-z0-9_]*)(\+?=)/.exec(this.#text.slice(this.#at, this.#at + 120));
        if (assignment !== null) {
          this.#at += assignment[0].length;
          if (this.#text[this.#at] === "(") throw new UnsupportedAudit("shell array");
          const next = this.#text[this.#at] ?? "\n";
          const value = /[\s;|&)]/.test(next) ? [] : this.#word();
          assignments.push({ name: assignment[1] ?? "", value, append: assignment[2] === "+=" });
          continue;
        }
      }
      const word = this.#word();
      words.push(word);
      const [first] = word;
      if (word.length === 1 && first?.kind === "text" && !first.quoted) {
        if (words.length === 1 && first.text === "[[") test = true;
        else if (first.text === "]]") test = false;
      }
    }
    if (words.length === 0 && assignments.length === 0)
      throw new UnsupportedAudit("shell syntax", `nothing before ${this.rest}`);
    return { kind: "command", assignments, words, redirections };
  }

  #redirections(): readonly Redirection[] {
    const found: Redirection[] = [];
    for (;;) {
      this.#skipBlanks(false);
      const redirection = this.#redirection();
      if (redirection === undefined) return found;
      found.push(redirection);
    }
  }

  #redirection(): Redirection | undefined {
    const match = /^(?:(&>|[12]?>>?)(&?)|([0-9]?<))/.exec(this.#text.slice(this.#at, this.#at + 4));
    if (match === null) return undefined;
    if (match[3] !== undefined) throw new UnsupportedAudit("redirection", "input");
    this.#at += match[0].length;
    this.#skipBlanks(false);
    const target = /^[^\s;|&()<>]+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0] ?? "";
    this.#at += target.length;
    const stream = match[1] === "&>" ? "both" : match[1]?.startsWith("2") ? "error" : "out";
    if (match[2] === "&") {
      if (target !== "1" && target !== "2") throw new UnsupportedAudit("redirection", target);
      return { stream, to: target === "1" ? "out" : "error" };
    }
    if (target === "/dev/null") return { stream, to: "nowhere" };
    if (target === "/dev/stderr") return { stream, to: "error" };
    throw new UnsupportedAudit("redirection", "writes a file");
  }

  /** A word of at least one character, quotes included, so that a loop over words always moves on. */
  #word(): Word {
    const start = this.#at;
    const parts: WordPart[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") parts.push({ kind: "text", text, quoted: false });
      text = "";
    };
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (/[ \t\r\n;|&()<>]/.test(char)) break;
      if (char === "'") {
        flush();
        const end = this.#text.indexOf("'", this.#at + 1);
        if (end === -1) throw new UnsupportedAudit("shell syntax", "a quote has no end");
        parts.push({ kind: "text", text: this.#text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        flush();
        this.#at++;
        this.#quoted(parts);
      } else if (char === "\\") {
        flush();
        const next = this.#text[this.#at + 1] ?? "";
        this.#at += 2;
        if (next !== "\n") parts.push({ kind: "text", text: next, quoted: true });
      } else if (char === "$" || char === "`") {
        flush();
        this.#expansion(parts, false);
      } else {
        text += char;
        this.#at++;
      }
    }
    if (this.#at === start) throw new UnsupportedAudit("shell syntax", `unexpected ${this.rest}`);
    flush();
    return parts;
  }

  #quoted(parts: WordPart[]): void {
    let text = "";
    const flush = (): void => {
      parts.push({ kind: "text", text, quoted: true });
      text = "";
    };
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (char === '"') {
        this.#at++;
        flush();
        return;
      }
      if (char === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        if (/[$`"\\]/.test(next)) text += next;
        else if (next !== "\n") text += `\\${next}`;
        this.#at += 2;
      } else if (char === "$" || char === "`") {
        flush();
        this.#expansion(parts, true);
      } else {
        text += char;
        this.#at++;
      }
    }
    throw new UnsupportedAudit("shell syntax", "a quote has no end");
  }

  #expansion(parts: WordPart[], quoted: boolean): void {
    if (this.#text[this.#at] === "`") {
      const start = this.#at + 1;
      let end = start;
      while (end < this.#text.length && this.#text[end] !== "`") end += this.#text[end] === "\\" ? 2 : 1;
      if (end >= this.#text.length) throw new UnsupportedAudit("shell syntax", "a quote has no end");
      const inner = this.#text.slice(start, end).replace(/\\([$`\\])/g, "$1");
      parts.push({ kind: "command", script: parseScript(inner, this.#depth), quoted });
      this.#at = end + 1;
      return;
    }
    const next = this.#text[this.#at + 1] ?? "";
    if (next === "(") {
      if (this.#text[this.#at + 2] === "(") throw new UnsupportedAudit("shell arithmetic");
      this.#at += 2;
      const script = this.script([]);
      this.#expect(")");
      parts.push({ kind: "command", script, quoted });
      return;
    }
    if (next === "{") {
      this.#at += 2;
      this.#braces(parts, quoted);
      return;
    }
    this.#at++;
    const name = this.#name();
    if (name !== "") parts.push({ kind: "variable", name, quoted });
    else if (/[0-9@*#?!$-]/.test(next)) {
      if (next !== "?") throw new UnsupportedAudit("shell positional parameters");
      this.#at++;
      parts.push({ kind: "variable", name: "?", quoted });
    } else parts.push({ kind: "text", text: "$", quoted });
  }

  #braces(parts: WordPart[], quoted: boolean): void {
    const name = this.#name();
    if (name === "") throw new UnsupportedAudit("shell expansion", this.rest);
    const operator = /^(:-|-|%%|%|##|#)/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (operator === undefined) {
      if (this.#text[this.#at] !== "}") throw new UnsupportedAudit("shell expansion", this.rest);
      this.#at++;
      parts.push({ kind: "variable", name, quoted });
      return;
    }
    this.#at += operator.length;
    const end = this.#text.indexOf("}", this.#at);
    if (end === -1) throw new UnsupportedAudit("shell syntax", "} is missing");
    const text = this.#text.slice(this.#at, end);
    if (/[$`"'\\]/.test(text)) throw new UnsupportedAudit("shell expansion", text);
    this.#at = end + 1;
    const operand: Word = [{ kind: "text", text, quoted: false }];
    parts.push({ kind: "variable", name, quoted, operator: operator as ":-" | "-" | "%" | "%%" | "#" | "##", operand }); // Matched above.
  }
}
