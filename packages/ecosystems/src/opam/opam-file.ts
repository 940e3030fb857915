/** A lexical unit of an opam file: quoted text, a word, or one of `: [ ] { } ( )` and operators. */
interface Token {
  readonly kind: "text" | "word" | "mark";
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** Values of a file's outermost fields, by name. Sections (`url { … }`) are left out. */
export type OpamFields = ReadonlyMap<string, readonly Token[]>;

/**
 * What is never closed reaches to the end, so that no text is looked through twice. A quoted text ends after a million characters: the
 * engine has no stack for tens of them.
 */
const unit =
  /\n|[^\S\n]+|#[^\n]*|\(\*[^]*?(?:\*\)|$)|"""([^]*?)(?:"""|$)|"((?:[^"\\]|\\[^]?){0,1000000})"?|([A-Za-z0-9_][\w+.-]*(?::[A-Za-z_][\w+-]*)?)(?=[^\w+-]|$)|[<>!=]=?|[^]/gy;

/** Splits the text of an opam file, version 1 or 2 (https://opam.ocaml.org/doc/Manual.html#opam), in linear time. What is no opam syntax yields no fields. */
export function readOpamFields(text: string): OpamFields {
  const fields = new Map<string, Token[]>();
  let current: Token[] | undefined;
  let depth = 0;
  let line = 1;
  let last: Token | undefined;
  for (const match of text.matchAll(unit)) {
    const [raw, long, quoted, word] = match;
    const token = tokenOf(raw, long ?? quoted, word, line);
    line += raw === "\n" ? 1 : raw.length > 1 ? raw.split("\n").length - 1 : 0;
    if (token === undefined) continue;
    if (depth === 0 && token.text === ":" && token.kind === "mark" && last?.kind === "word") {
      // The name stood at the end of the field before.
      current?.pop();
      current = [];
      if (!fields.has(last.text)) fields.set(last.text, current);
    } else {
      if (token.kind === "mark" && "[{(".includes(token.text)) depth++;
      if (token.kind === "mark" && "]})".includes(token.text)) depth = Math.max(0, depth - 1);
      current?.push(token);
    }
    last = token;
  }
  return fields;
}

function tokenOf(raw: string, quoted: string | undefined, word: string | undefined, line: number): Token | undefined {
  if (quoted !== undefined) return { kind: "text", text: quoted.replaceAll(/\\(["\\])/g, "$1"), line };
  if (word !== undefined) return { kind: "word", text: word, line };
  return raw.trim() === "" || raw.startsWith("#") || raw.startsWith("(*")
    ? undefined
    : { kind: "mark", text: raw, line };
}

/** The texts of a field outside of filters: of `license: ["MIT" "ISC"]` or `version: "1.0"`. */
export function textsOfField(fields: OpamFields, name: string): readonly string[] {
  return dependenciesOfField(fields, name).map((dependency) => dependency.name);
}

/** One element of `depends`. */
export interface OpamDependency {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  /** The version after a lone `=`. */
  readonly exact: string | undefined;
  /** Variables of its filter, such as `with-test` and `post`. */
  readonly flags: readonly string[];
}

/** The elements of a list of package formulas; how they are joined does not matter here. */
export function dependenciesOfField(fields: OpamFields, name: string): readonly OpamDependency[] {
  const found: OpamDependency[] = [];
  let filter = 0;
  let exact: string | undefined;
  let flags: string[] = [];
  let before: Token | undefined;
  for (const token of fields.get(name) ?? []) {
    // A section behind the last field (`url { … }`) is none of its elements.
    if (filter === 0 && token.kind === "word") break;
    if (token.kind === "mark" && token.text === "{") filter++;
    else if (token.kind === "mark" && token.text === "}") {
      filter = Math.max(0, filter - 1);
      const owner = found.at(-1);
      if (filter === 0 && owner !== undefined) found[found.length - 1] = { ...owner, exact, flags };
    } else if (filter > 0) {
      if (token.kind === "word") flags.push(token.text);
      if (token.kind === "text" && before?.text === "=" && before.kind === "mark") exact = token.text;
    } else if (token.kind === "text") {
      found.push({ name: token.text, line: token.line, exact: undefined, flags: [] });
      exact = undefined;
      flags = [];
    }
    before = token;
  }
  return found;
}
