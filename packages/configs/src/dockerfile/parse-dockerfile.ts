import { argumentReaders, heredocWord } from "./arguments.ts";
import { checkInstructions } from "./build-rules.ts";
import type { Dockerfile, DockerfileError, DockerfileInstruction, DockerfileStage, Heredoc } from "./instruction.ts";
import { firstWord, splitFlags, splitWords, trimSpace } from "./words.ts";
import type { EscapeCharacter } from "./words.ts";

/** How many errors are reported. */
const maxErrors = 100;

/**
 * Reads a Dockerfile or Containerfile as BuildKit's frontend does (moby/buildkit, frontend/dockerfile): parser directives, continued lines,
 * comments inside of them, flags, JSON and shell form, here-documents. What BuildKit refuses is in `errors`; instructions behind an error
 * are read all the same. Never throws.
 */
export function parseDockerfile(text: string): Dockerfile {
  return new DockerfileReader(text).read();
}

interface LogicalLine {
  readonly text: string;
  readonly startLine: number;
}

class DockerfileReader {
  readonly #lines: readonly string[];
  readonly #errors: DockerfileError[] = [];
  readonly #warnings: DockerfileError[] = [];
  #escape: EscapeCharacter = "\\";
  #syntax: string | undefined;
  /** Index of the next line. */
  #next = 0;
  #comments: string[] = [];

  constructor(text: string) {
    const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split("\n");
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  read(): Dockerfile {
    this.#directives();
    const instructions: DockerfileInstruction[] = [];
    for (let line = this.#logicalLine(); line !== undefined; line = this.#logicalLine()) {
      const instruction = this.#instruction(line.text, line.startLine);
      if (instruction !== undefined) instructions.push(instruction);
    }
    if (instructions.length === 0 && this.#errors.length === 0) this.#error("the file has no instructions", 0);
    const checked = checkInstructions(instructions);
    const errors = [...this.#errors, ...checked].sort((a, b) => a.line - b.line).slice(0, maxErrors);
    return {
      escape: this.#escape,
      ...(this.#syntax === undefined ? {} : { syntax: this.#syntax }),
      instructions,
      stages: stagesOf(instructions),
      errors,
      warnings: this.#warnings.slice(0, maxErrors),
    };
  }

  #error(message: string, line: number): undefined {
    if (this.#errors.length < maxErrors) this.#errors.push({ message, line });
    return undefined;
  }

  /** `# name=value` lines at the very top; the first other line ends them. */
  #directives(): void {
    const seen = new Set<string>();
    for (; this.#next < this.#lines.length; this.#next++) {
      const match = /^[ \t]*#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(\S.*)$/.exec(this.#lines[this.#next] ?? "");
      const name = match?.[1]?.toLowerCase();
      const value = trimSpace(match?.[2] ?? "");
      if (name !== "escape" && name !== "syntax" && name !== "check") return;
      if (seen.has(name)) this.#error(`the directive ${name} may be given only once`, this.#next + 1);
      seen.add(name);
      if (name === "syntax") this.#syntax = value;
      if (name === "escape") {
        if (value === "\\" || value === "`") this.#escape = value;
        else this.#error("the escape character must be a backslash or a backtick", this.#next + 1);
      }
    }
  }

  /** The next instruction's text: continued lines joined, comments and empty lines between them left out. */
  #logicalLine(): LogicalLine | undefined {
    while (this.#next < this.#lines.length) {
      const startLine = this.#next + 1;
      const first = trimLeft(this.#lines[this.#next++] ?? "");
      if (first.startsWith("#")) {
        this.#comments.push(trimSpace(first.slice(1)));
        continue;
      }
      let [text, continued] = this.#withoutContinuation(first);
      if (!continued && text === "") continue;
      const parts = [text];
      let emptyLine = 0;
      while (continued && this.#next < this.#lines.length) {
        const line = this.#lines[this.#next++] ?? "";
        const trimmed = trimLeft(line);
        if (trimmed.startsWith("#")) continue;
        if (trimmed === "") {
          emptyLine = this.#next;
          continue;
        }
        [text, continued] = this.#withoutContinuation(line);
        parts.push(text);
      }
      if (emptyLine !== 0) this.#warnings.push({ message: "an empty line continues the instruction", line: emptyLine });
      return { text: parts.join(""), startLine };
    }
    return undefined;
  }

  /** Whether a line goes on: it ends in the escape character, alone or behind another character, and blanks. */
  #withoutContinuation(line: string): [string, boolean] {
    let end = line.length;
    while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
    if (line[end - 1] !== this.#escape || line[end - 2] === this.#escape) return [line, false];
    return [line.slice(0, end - 1), true];
  }

  #instruction(text: string, startLine: number): DockerfileInstruction | undefined {
    const comments = this.#comments;
    this.#comments = [];
    const parsed = this.#parse(text, startLine, 0);
    if (parsed === undefined) return undefined;
    const heredocs = this.#heredocs(parsed, text, startLine);
    return {
      ...parsed,
      ...(heredocs.length === 0 ? {} : { heredocs }),
      ...(comments.length === 0 ? {} : { comments }),
      endLine: this.#next,
    };
  }

  #parse(text: string, startLine: number, depth: number): DockerfileInstruction | undefined {
    const original = trimSpace(text);
    const [keyword, afterKeyword = ""] = firstWord(original);
    if (keyword === "") return undefined;
    const cmd = keyword.toUpperCase();
    const { flags, rest } = splitFlags(afterKeyword);
    const base = {
      cmd,
      keyword,
      ...(flags.length === 0 ? {} : { flags }),
      original,
      startLine,
      endLine: startLine,
    };
    const reader = argumentReaders.get(cmd);
    // An unknown instruction is told with the rules of the build.
    if (reader === undefined) return { ...base, args: [trimSpace(rest)] };
    const read = reader(trimSpace(rest), cmd, this.#escape);
    if (read.error !== undefined) return this.#error(read.error, startLine);
    if (cmd === "ONBUILD" && depth === 0 && read.args[0] !== undefined) {
      const sub = this.#parse(read.args[0], startLine, depth + 1);
      return { ...base, args: [], ...(sub === undefined ? {} : { sub }) };
    }
    return { ...base, args: read.args, ...(read.json === true ? { json: true } : {}) };
  }

  #heredocs(instruction: DockerfileInstruction, text: string, startLine: number): readonly Heredoc[] {
    const holder = instruction.cmd === "ONBUILD" ? instruction.sub : instruction;
    const takes = holder?.cmd === "RUN" || holder?.cmd === "COPY" || holder?.cmd === "ADD";
    if (!takes || holder.json === true || !text.includes("<<")) return [];
    const heredocs: Heredoc[] = [];
    const words = splitWords(text, "\\");
    for (const [index, word] of words.entries()) {
      // Blanks may stand between `<<` and the name.
      const opened = heredocWord(/^\d*<<-?$/.test(word) ? word + (words[index + 1] ?? "") : word);
      if (opened === undefined) continue;
      const content: string[] = [];
      let terminated = false;
      while (this.#next < this.#lines.length && !terminated) {
        const line = this.#lines[this.#next++] ?? "";
        if ((opened.chomp ? line.replace(/^\t+/, "") : line) === opened.name) terminated = true;
        else content.push(`${line}\n`);
      }
      if (!terminated) this.#error(`the here-document ${opened.name.slice(0, 40)} does not end`, startLine);
      heredocs.push({
        name: opened.name,
        content: content.join(""),
        expand: opened.expand,
        ...(opened.chomp ? { chomp: true } : {}),
        ...(opened.fd === 0 ? {} : { fd: opened.fd }),
      });
    }
    return heredocs;
  }
}

function trimLeft(line: string): string {
  let start = 0;
  while (line[start] === " " || line[start] === "\t") start++;
  return line.slice(start);
}

function stagesOf(instructions: readonly DockerfileInstruction[]): readonly DockerfileStage[] {
  const stages: DockerfileStage[] = [];
  let current: DockerfileInstruction[] = [];
  for (const instruction of instructions) {
    if (instruction.cmd === "FROM") {
      current = [];
      const { args, flags } = instruction;
      const platform = flags?.find((flag) => flag.startsWith("--platform="))?.slice("--platform=".length);
      stages.push({
        name: args[1]?.toUpperCase() === "AS" ? (args[2] ?? "").toLowerCase() : "",
        base: args[0] ?? "",
        ...(platform === undefined ? {} : { platform }),
        from: instruction,
        instructions: current,
      });
    } else current.push(instruction);
  }
  return stages;
}
