import type { NodeFacts } from "../facts/node-facts.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { commandNamed } from "./commands/index.ts";
import { hasWildcard, matchesShellPattern } from "./shell-pattern.ts";
import { parseScript } from "./parse-script.ts";
import type { Redirection, Script, Statement, Word } from "./script.ts";
import { UnsupportedAudit } from "./unsupported.ts";

/** The output of an audit (standard output and standard error in order) and its exit code. */
export interface AuditResult {
  readonly output: string;
  readonly exitCode: number;
  /** It used processes that are only declared, so one that it did not find may be running nevertheless. */
  readonly incomplete: boolean;
}

/** Limits of one audit. */
export interface AuditLimits {
  /** Commands, words and lines that are processed. */
  readonly steps: number;
  /** Characters of output, including that between commands. */
  readonly characters: number;
}

export const defaultAuditLimits: AuditLimits = { steps: 500_000, characters: 64 << 20 };

/**
 * Answers an audit line from facts, as the shell would have: no process is started.
 * @throws UnsupportedAudit when the line uses something unsupported, needs an unknown fact, or exceeds its limits.
 */
export async function runAudit(
  text: string,
  facts: NodeFacts,
  limits: AuditLimits = defaultAuditLimits,
): Promise<AuditResult> {
  if (text.trim() === "") return { output: "", exitCode: 0, incomplete: false };
  const run = new AuditRun(facts, limits);
  return run.audit(parseScript(text));
}

class ExitScript extends Error {}

/** Lines that `read` takes from, shared by the commands of a loop. */
interface InputLines {
  text: string;
}

/** Collects what is printed. Both streams of an audit end in one text. */
class Sink {
  #pieces: string[] = [];
  readonly #run: AuditRun;

  constructor(run: AuditRun) {
    this.#run = run;
  }

  write(text: string): void {
    if (text === "") return;
    this.#run.pass(text.length);
    this.#pieces.push(text);
  }

  get text(): string {
    return this.#pieces.join("");
  }
}

interface Streams {
  readonly out: Sink;
  readonly error: Sink;
}

class AuditRun implements CommandContext {
  readonly facts: NodeFacts;
  readonly #limits: AuditLimits;
  #steps = 0;
  #characters = 0;
  #nesting = 0;
  #lastCode = 0;
  #incomplete = false;
  readonly #variables = new Map<string, string>();

  constructor(facts: NodeFacts, limits: AuditLimits) {
    this.facts = facts;
    this.#limits = limits;
  }

  async audit(script: Script): Promise<AuditResult> {
    const sink = new Sink(this);
    let exitCode: number;
    try {
      exitCode = await this.#script(script, { text: "" }, { out: sink, error: sink });
    } catch (error) {
      if (!(error instanceof ExitScript)) throw error;
      exitCode = this.#lastCode;
    }
    return { output: sink.text, exitCode, incomplete: this.#incomplete };
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#limits.steps) throw new UnsupportedAudit("audit takes too many steps");
  }

  lookedAtDeclared(): void {
    this.#incomplete = true;
  }

  pass(characters: number): void {
    this.#characters += characters;
    if (this.#characters > this.#limits.characters) throw new UnsupportedAudit("audit prints too much");
  }

  async script(text: string, input: string): Promise<CommandResult> {
    this.#nesting++;
    if (this.#nesting > 20) throw new UnsupportedAudit("shell nesting");
    const streams = { out: new Sink(this), error: new Sink(this) };
    let code: number;
    try {
      code = await this.#script(parseScript(text), { text: input }, streams);
    } catch (error) {
      if (!(error instanceof ExitScript)) throw error;
      code = this.#lastCode;
    }
    this.#nesting--;
    return { out: streams.out.text, error: streams.error.text, code };
  }

  async command(words: readonly string[], input: string): Promise<CommandResult> {
    this.spend(1);
    const [name = "", ...args] = words;
    const result = await commandNamed(name)(args)(input, this);
    this.pass(result.out.length + result.error.length);
    return result;
  }

  async #script(script: Script, input: InputLines, streams: Streams): Promise<number> {
    let code = 0;
    for (const statement of script) code = await this.#statement(statement, input, streams);
    return code;
  }

  async #statement(statement: Statement, input: InputLines, streams: Streams): Promise<number> {
    this.spend(1);
    const code = await this.#statementCode(statement, input, streams);
    this.#lastCode = code;
    return code;
  }

  async #statementCode(statement: Statement, input: InputLines, streams: Streams): Promise<number> {
    switch (statement.kind) {
      case "command":
        return this.#simple(statement, input, streams);
      case "pipeline":
        return this.#pipeline(statement, input, streams);
      case "choice": {
        const left = await this.#statement(statement.left, input, streams);
        if ((left === 0) !== (statement.operator === "and")) return left;
        return this.#statement(statement.right, input, streams);
      }
      case "group":
        return this.#script(statement.body, input, redirected(statement.redirections, streams, this));
      case "if": {
        const inner = redirected(statement.redirections, streams, this);
        for (const branch of statement.branches)
          if ((await this.#script(branch.when, input, inner)) === 0) return this.#script(branch.body, input, inner);
        return statement.otherwise === undefined ? 0 : this.#script(statement.otherwise, input, inner);
      }
      case "for": {
        const inner = redirected(statement.redirections, streams, this);
        let code = 0;
        for (const value of await this.#expandAll(statement.words, input, streams)) {
          this.spend(1);
          this.#variables.set(statement.name, value);
          code = await this.#script(statement.body, input, inner);
        }
        return code;
      }
      case "while": {
        const inner = redirected(statement.redirections, streams, this);
        let code = 0;
        while (((await this.#script(statement.when, input, inner)) === 0) !== statement.until) {
          this.spend(1);
          code = await this.#script(statement.body, input, inner);
        }
        return code;
      }
    }
  }

  async #pipeline(
    statement: Extract<Statement, { kind: "pipeline" }>,
    input: InputLines,
    streams: Streams,
  ): Promise<number> {
    let text = input;
    let code = 0;
    const last = statement.parts.length - 1;
    for (const [index, part] of statement.parts.entries()) {
      const out = index === last ? streams.out : new Sink(this);
      // Parts of a pipeline run in shells of their own: what they assign is forgotten.
      const kept = index === last && last === 0 ? undefined : new Map(this.#variables);
      code = await this.#statement(part, text, { out, error: streams.error });
      if (kept !== undefined) {
        this.#variables.clear();
        for (const [name, value] of kept) this.#variables.set(name, value);
      }
      text = { text: index === last ? "" : out.text };
    }
    return statement.negated ? Number(code === 0) : code;
  }

  async #simple(
    statement: Extract<Statement, { kind: "command" }>,
    input: InputLines,
    streams: Streams,
  ): Promise<number> {
    let code = 0;
    for (const { name, value, append } of statement.assignments) {
      this.#lastCode = 0;
      const text = await this.#expandOne(value, input, streams);
      code = this.#lastCode;
      this.#variables.set(name, append ? this.#bounded((this.#variables.get(name) ?? "") + text) : text);
    }
    if (statement.words.length === 0) return code;
    const target = redirected(statement.redirections, streams, this);
    const words = await this.#expandAll(statement.words, input, streams);
    const [name, ...args] = words;
    switch (name) {
      case undefined:
        return 0;
      case "exit":
      case "return":
        this.#lastCode = args[0] === undefined ? this.#lastCode : Number(args[0]) & 255;
        throw new ExitScript();
      case "export":
        for (const word of args) {
          const at = word.indexOf("=");
          if (at > 0) this.#variables.set(word.slice(0, at), word.slice(at + 1));
        }
        return 0;
      case "read":
        return this.#read(args, input);
      default: {
        const result = await this.command(words, input.text);
        // A command that reads its input takes all of it.
        if (!["test", "[", "[[", "echo", "printf", "true", "false", ":"].includes(name)) input.text = "";
        target.out.write(result.out);
        target.error.write(result.error);
        return result.code;
      }
    }
  }

  #read(args: readonly string[], input: InputLines): number {
    const names = args.filter((word) => !word.startsWith("-"));
    const options = args.filter((word) => word.startsWith("-"));
    if (options.some((option) => option !== "-r")) throw new UnsupportedAudit("option of read", options.join(" "));
    if (input.text === "") return 1;
    const end = input.text.indexOf("\n");
    const line = end === -1 ? input.text : input.text.slice(0, end);
    input.text = end === -1 ? "" : input.text.slice(end + 1);
    let rest = line.replace(/^[ \t]+|[ \t]+$/g, "");
    for (const [index, name] of names.entries()) {
      const blank = index === names.length - 1 ? -1 : rest.search(/[ \t]/);
      this.#variables.set(name, blank === -1 ? rest : rest.slice(0, blank));
      rest = blank === -1 ? "" : rest.slice(blank).replace(/^[ \t]+/, "");
    }
    return end === -1 ? 1 : 0;
  }

  async #expandOne(word: Word, input: InputLines, streams: Streams): Promise<string> {
    let text = "";
    for (const part of word)
      text = this.#bounded(text + (part.kind === "text" ? part.text : await this.#value(part, input, streams)));
    return text;
  }

  /** A value that is doubled often enough would be longer than any text can be. */
  #bounded(text: string): string {
    if (text.length > this.#limits.characters) throw new UnsupportedAudit("audit makes too long a value");
    return text;
  }

  async #expandAll(words: readonly Word[], input: InputLines, streams: Streams): Promise<readonly string[]> {
    const all: string[] = [];
    const test = words[0]?.length === 1 && words[0][0]?.kind === "text" && words[0][0].text === "[[";
    for (const word of words) {
      if (test) all.push(await this.#expandOne(word, input, streams));
      else for (const field of await this.#fields(word, input, streams)) all.push(field);
    }
    return all;
  }

  /** Splits what unquoted expansions give at blanks, and replaces patterns by the paths that match. */
  async #fields(word: Word, input: InputLines, streams: Streams): Promise<readonly string[]> {
    const fields: { text: string; pattern: string }[] = [];
    let open: { text: string; pattern: string } | undefined;
    const add = (text: string, pattern: string): void => {
      open ??= { text: "", pattern: "" };
      open.text = this.#bounded(open.text + text);
      open.pattern += pattern;
    };
    for (const part of word) {
      const text = part.kind === "text" ? part.text : await this.#value(part, input, streams);
      if (part.quoted) {
        add(text, text.replace(/[\\*?[]/g, "\\$&"));
        continue;
      }
      if (part.kind === "text") {
        add(text, text);
        continue;
      }
      for (const [index, piece] of text.split(/[ \t\n]+/).entries()) {
        if (index > 0 && open !== undefined) {
          fields.push(open);
          open = undefined;
        }
        if (piece !== "") add(piece, piece);
      }
    }
    if (open !== undefined) fields.push(open);
    const results: string[] = [];
    for (const { text, pattern } of fields) {
      const paths = hasWildcard(pattern.replace(/\\./g, "")) ? await this.#paths(pattern) : [];
      for (const field of paths.length > 0 ? paths : [text]) results.push(field);
    }
    return results;
  }

  /** Paths that match an absolute pattern, in order. Nothing is known about where an audit would be run, so others match nothing. */
  async #paths(pattern: string): Promise<readonly string[]> {
    if (!pattern.startsWith("/")) return [];
    let found = [""];
    for (const part of pattern.split("/").slice(1)) {
      const next: string[] = [];
      for (const folder of found) {
        this.spend(1);
        if (!hasWildcard(part.replace(/\\./g, ""))) {
          next.push(`${folder}/${part.replace(/\\(.)/g, "$1")}`);
          continue;
        }
        const names = await this.facts.list(folder === "" ? "/" : folder);
        if (names === undefined) throw new UnsupportedAudit("unknown folder", folder);
        for (const name of (names ?? []).toSorted()) {
          this.spend(1);
          if ((!name.startsWith(".") || part.startsWith(".")) && matchesShellPattern(part, name))
            next.push(`${folder}/${name}`);
        }
      }
      found = next;
    }
    const existing: string[] = [];
    for (const path of found) if ((await this.facts.stat(path)) !== null) existing.push(path);
    return existing;
  }

  async #value(part: Exclude<Word[number], { kind: "text" }>, input: InputLines, streams: Streams): Promise<string> {
    if (part.kind === "command") {
      const out = new Sink(this);
      const kept = new Map(this.#variables);
      let code: number;
      try {
        code = await this.#script(part.script, { text: "" }, { out, error: streams.error });
      } catch (error) {
        if (!(error instanceof ExitScript)) throw error;
        code = this.#lastCode;
      }
      this.#variables.clear();
      for (const [name, value] of kept) this.#variables.set(name, value);
      this.#lastCode = code;
      return out.text.replace(/\n+$/, "");
    }
    const value = part.name === "?" ? String(this.#lastCode) : this.#variable(part.name, part.operator !== undefined);
    const operand = part.operand === undefined ? "" : await this.#expandOne(part.operand, input, streams);
    switch (part.operator) {
      case undefined:
        return value;
      case ":-":
      case "-":
        return value === "" ? operand : value;
      default:
        return cut(value, operand, part.operator);
    }
  }

  #variable(name: string, hasDefault: boolean): string {
    const value = this.#variables.get(name);
    if (value !== undefined) return value;
    if (name === "HOSTNAME" && this.facts.hostname !== undefined) return this.facts.hostname;
    // A variable that the audit itself never sets is one of the place where it would run: nobody knows it.
    if (hasDefault || name !== "HOSTNAME") return "";
    throw new UnsupportedAudit("variable of the environment", name);
  }
}

function cut(value: string, pattern: string, operator: "%" | "%%" | "#" | "##"): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  if (operator === "%%" || operator === "##") lengths.reverse();
  for (const length of lengths) {
    const atEnd = operator.startsWith("%");
    const part = atEnd ? value.slice(value.length - length) : value.slice(0, length);
    if (!matchesShellPattern(pattern, part)) continue;
    return atEnd ? value.slice(0, value.length - length) : value.slice(length);
  }
  return value;
}

function redirected(redirections: readonly Redirection[], streams: Streams, run: AuditRun): Streams {
  let { out, error } = streams;
  for (const { stream, to } of redirections) {
    const target = to === "nowhere" ? new Sink(run) : to === "out" ? out : error;
    if (stream !== "error") out = target;
    if (stream !== "out") error = target;
  }
  return { out, error };
}
