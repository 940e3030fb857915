/** The parser's view of its tokens: where it stands, which names are keywords now, and what went wrong. */

import type { Source, Span } from "./ast.ts";
import { parseIssue, type RegoIssue } from "./errors.ts";
import { tokenize, type Token, type TokenKind, type Tokens } from "./lexer.ts";

/** The syntax of a module that imports neither `rego.v1` nor keywords. */
export type RegoVersion = "v0" | "v1";

const baseKeywords = ["package", "import", "as", "default", "else", "not", "some", "with", "null", "true", "false"];

/** Keywords that `import future.keywords` brings to v0, and that v1 always has. */
export const keywordsOfV1: readonly string[] = ["in", "every", "contains", "if"];

/** Keywords that always need an import. */
export const importedKeywords: readonly string[] = ["and", "not", "or"];

/** How deep terms, bodies and parentheses may nest. */
export const deepestNesting = 512;

const shownKinds: Readonly<Partial<Record<TokenKind, string>>> = {
  name: "identifier",
  "raw-string": "string",
  "template-part": "template-string-part",
  "template-end": "template-string-end",
  "raw-template-part": "raw-template-string-part",
  "raw-template-end": "raw-template-string-end",
  "+": "plus",
  "-": "minus",
  "*": "mul",
  "/": "div",
  "%": "rem",
  "&": "and",
  "|": "or",
  "=": "eq",
  "==": "equal",
  ":=": "assign",
  "!=": "neq",
  ">": "gt",
  "<": "lt",
  ">=": "gte",
  "<=": "lte",
};

/** What `restore` goes back to. */
export interface Mark {
  readonly index: number;
  readonly errors: number;
  readonly hints: readonly string[];
}

export class TokenStream {
  readonly source: Source;
  readonly #tokens: Tokens;
  protected readonly version: RegoVersion;
  protected keywords: Set<string>;
  protected notBodies = false;
  protected token: Token;
  protected readonly errors: RegoIssue[] = [];
  #index = 0;
  #hints: string[] = [];
  #wildcards = 0;
  #depth = 0;

  constructor(source: Source, version: RegoVersion) {
    this.source = source;
    this.version = version;
    this.#tokens = tokenize(source);
    this.keywords = new Set(baseKeywords);
    if (version === "v1") for (const keyword of keywordsOfV1) this.keywords.add(keyword);
    this.token = this.#tokenAt(0);
    this.#reportIllegal();
  }

  #tokenAt(index: number): Token {
    return this.#tokens.tokens[Math.min(index, this.#tokens.tokens.length - 1)] as Token; // as: `eof` is always there
  }

  protected get comments(): Tokens["comments"] {
    return this.#tokens.comments;
  }

  protected get index(): number {
    return this.#index;
  }

  /** Where the last token that was taken ends. */
  protected get lastEnd(): number {
    return this.#index === 0 ? 0 : this.#tokenAt(this.#index - 1).end;
  }

  protected get peeked(): Token {
    return this.#tokenAt(this.#index + 1);
  }

  /** Whether the token here is of a kind. */
  protected at(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  protected advance(): void {
    if (this.token.kind === "eof") return;
    this.#index++;
    this.token = this.#tokenAt(this.#index);
    this.#reportIllegal();
  }

  #reportIllegal(): void {
    for (const message of this.token.errors ?? []) this.error(this.here(), message);
  }

  protected save(): Mark {
    return { index: this.#index, errors: this.errors.length, hints: this.#hints };
  }

  protected restore(mark: Mark): void {
    this.#index = mark.index;
    this.token = this.#tokenAt(mark.index);
    this.errors.length = mark.errors;
    this.#hints = [...mark.hints];
  }

  /** Continues at an earlier token. */
  protected jump(index: number): void {
    this.#index = index;
    this.token = this.#tokenAt(index);
  }

  /** A name that is a keyword here. */
  protected isKeyword(name: string): boolean {
    return this.token.kind === "name" && this.token.text === name && this.keywords.has(name);
  }

  protected isAnyKeyword(): boolean {
    return this.token.kind === "name" && this.keywords.has(this.token.text);
  }

  /** A name that may be a variable. `contains` is one everywhere but in heads. */
  protected isVariable(): boolean {
    return this.token.kind === "name" && (!this.keywords.has(this.token.text) || this.token.text === "contains");
  }

  /** A keyword directly before `.` or `[` is the first name of a reference. */
  protected isKeywordInRef(): boolean {
    if (!this.isAnyKeyword()) return false;
    const next = this.peeked;
    return !next.spaced && (next.kind === "." || next.kind === "[");
  }

  /** A name that no other wildcard of the module has. */
  protected wildcard(): string {
    return `$${this.#wildcards++}`;
  }

  protected span(start: number, end: number = this.lastEnd): Span {
    return { source: this.source, start, end };
  }

  protected here(): Span {
    return { source: this.source, start: this.token.start, end: this.token.end };
  }

  /** Runs a parser one level deeper; refuses when that is too deep. */
  protected nested<T>(parse: () => T | undefined): T | undefined {
    if (this.#depth >= deepestNesting) {
      this.error(this.here(), "max parsing recursion depth exceeded");
      return undefined;
    }
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  protected error(at: Span, message: string): undefined {
    const hints = this.#hints;
    const text = hints.length === 0 ? "" : ` (hint${hints.length > 1 ? "s" : ""}: ${hints.join(", ")})`;
    this.errors.push(parseIssue(message + text, at));
    this.#hints = [];
    return undefined;
  }

  protected hint(text: string): void {
    this.#hints.push(text);
  }

  protected get hasHints(): boolean {
    return this.#hints.length > 0;
  }

  /** Reports the current token as unexpected. */
  protected illegal(note?: string): undefined {
    const { token } = this;
    if (token.kind === "illegal") return this.error(this.here(), "illegal token");
    const keyword = this.isAnyKeyword();
    const shown = keyword ? token.text : (shownKinds[token.kind] ?? token.kind);
    const what = keyword || shown === "and" || shown === "or" ? "keyword" : "token";
    return this.error(this.here(), `unexpected ${shown} ${what}${note === undefined ? "" : `: ${note}`}`);
  }
}
