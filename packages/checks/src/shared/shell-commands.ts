/** Reserved words that begin or join commands (POSIX shell, 2.4). */
const keywords = new Set([
  "if",
  "then",
  "elif",
  "else",
  "fi",
  "do",
  "done",
  "while",
  "until",
  "esac",
  "{",
  "}",
  "!",
  "time",
]);

/** Shells that take their script behind `-c`. */
const shells = new Set(["sh", "bash", "ash", "dash", "ksh", "zsh"]);

/** Which commands are collected: those that the shell itself runs, those in subshells too, or also those of scripts given to other shells. */
type Scope = "own" | "written" | "all";

/** Command substitutions inside each other are followed this deep. */
const maxDepth = 20;

/**
 * Returns the simple commands of a shell script, each as its words: program and arguments with their quotes, without the assignments before them and
 * without redirections. Those in lists, pipes, subshells, conditions, loops, command substitutions and scripts of other shells
 * (`sh -c '…'`) are included. Of text that is not a shell
 * script, what can be recognised is returned. Nothing is run.
 */
export function shellCommands(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  collect(script, commands, 0, "all");
  return commands;
}

/** As {@link shellCommands}, without the scripts of other shells, which are words here. */
export function writtenCommands(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  collect(script, commands, 0, "written");
  return commands;
}

/** As {@link shellCommands}, without commands in subshells, command substitutions and other shells, whose effects on the shell end with them. */
export function commandsOutsideOfSubshells(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  collect(script, commands, 0, "own");
  return commands;
}

/** The script that a command gives to a shell (`bash -ec SCRIPT`), with its quotes when it has them; undefined: it runs no shell, or gives it none. */
export function scriptOfShell([program = "", ...words]: readonly string[]): string | undefined {
  if (!shells.has(program.replace(/^.*\//, ""))) return undefined;
  let script = false;
  for (const [index, word] of words.entries())
    if (/^[-+][A-Za-z]+$/.test(word)) script ||= /^-[a-z]*c[a-z]*$/.test(word);
    // The flag before may take a value: `bash -eo pipefail -c …`.
    else if (!/^[-+][a-z]*[oO]$/.test(words[index - 1] ?? "") && !word.startsWith("--"))
      return script ? word : undefined;
  return undefined;
}

/** The text that a word is when its quotes are read. */
function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1).replace(/'$/, "");
  return word.startsWith('"')
    ? word
        .slice(1)
        .replace(/"$/, "")
        .replaceAll(/\\(["\\$`])/g, "$1")
    : word;
}

function collect(script: string, commands: string[][], depth: number, scope: Scope): void {
  if (depth > maxDepth) return;
  let brackets = 0;
  let words: string[] = [];
  const nested: string[] = [];
  /** Whether the next words belong to a `for` or a `case`, up to their `do` or `in`. */
  let head: "for" | "case" | undefined;
  /** How many `case` are open, and whether a pattern of the innermost one is being read, which is no command. */
  let cases = 0;
  let isPattern = false;
  const finish = (): void => {
    if (words.length > 0 && (scope !== "own" || brackets === 0)) commands.push(words);
    const given = scope === "all" ? scriptOfShell(words) : undefined;
    if (given !== undefined) nested.push(unquoted(given));
    words = [];
    for (const inner of nested.splice(0)) if (scope !== "own") collect(inner, commands, depth + 1, scope);
  };
  let at = 0;
  while (at < script.length) {
    const char = script[at] ?? "";
    if (char === " " || char === "\t" || char === "\r") at++;
    else if (char === "\\" && script[at + 1] === "\n") at += 2;
    else if (char === "\n" || char === ";" || char === "&" || char === "|" || char === "(" || char === ")") {
      if (char === "&" && script[at + 1] === ">") at = skipRedirection(script, at + 2);
      else if (isPattern) {
        if (char === ")") isPattern = false;
        at++;
      } else {
        if (head !== undefined && (char === ";" || char === "\n")) {
          words = [];
          if (head === "for") head = undefined;
        }
        finish();
        if (char === "(") brackets++;
        else if (char === ")" && brackets > 0) brackets--;
        // `;;`, `;&` and `;;&` end a branch: a pattern follows, or `esac`.
        isPattern = cases > 0 && char === ";" && /[;&]/.test(script[at + 1] ?? "");
        at++;
      }
    } else if (char === "#") {
      const end = script.indexOf("\n", at);
      at = end === -1 ? script.length : end;
    } else if (char === "<" || char === ">") at = skipRedirection(script, at + 1);
    else {
      const end = wordEnd(script, at, nested);
      const word = script.slice(at, end);
      at = end;
      if (/^\d{1,9}$/.test(word) && (script[at] === "<" || script[at] === ">")) continue;
      if (words.length === 0 && head === undefined) {
        if (word === "esac" && cases > 0) {
          cases--;
          isPattern = false;
        }
        if (isPattern || keywords.has(word)) continue;
        if (word === "for" || word === "select") head = "for";
        else if (word === "case") head = "case";
        if (/^[A-Za-z_]\w*\+?=/.test(word)) continue;
      }
      const endsHead = (head === "for" && word === "do") || (head === "case" && word === "in");
      if (!endsHead) words.push(word);
      else {
        if (head === "case") {
          cases++;
          isPattern = true;
        }
        head = undefined;
        // The words of a head are no command, but there may be commands in its substitutions.
        words = [];
        finish();
      }
    }
  }
  if (head === undefined) finish();
}

function skipRedirection(script: string, from: number): number {
  let at = from;
  while (at < script.length && "<>&|-".includes(script[at] ?? "")) at++;
  while (script[at] === " " || script[at] === "\t") at++;
  return wordEnd(script, at, []);
}

/** Behind a word; scripts in command substitutions are put aside. */
function wordEnd(script: string, from: number, nested: string[]): number {
  let at = from;
  while (at < script.length) {
    const char = script[at] ?? "";
    if (" \t\r\n;&|<>()".includes(char)) return at;
    if (char === "\\") at += 2;
    else if (char === "'") {
      const end = script.indexOf("'", at + 1);
      at = end === -1 ? script.length : end + 1;
    } else if (char === '"') at = doubleQuoteEnd(script, at + 1, nested);
    else at = substitutionEnd(script, at, nested) ?? at + 1;
  }
  return Math.min(at, script.length);
}

function doubleQuoteEnd(script: string, from: number, nested: string[]): number {
  let at = from;
  while (at < script.length) {
    const char = script[at];
    if (char === '"') return at + 1;
    if (char === "\\") at += 2;
    else at = substitutionEnd(script, at, nested) ?? at + 1;
  }
  return script.length;
}

/** Behind `$(…)`, `${…}` or backticks; undefined when none begins here. */
function substitutionEnd(script: string, at: number, nested: string[]): number | undefined {
  if (script[at] === "`") {
    const end = script.indexOf("`", at + 1);
    nested.push(script.slice(at + 1, end === -1 ? script.length : end));
    return end === -1 ? script.length : end + 1;
  }
  if (script[at] !== "$" || (script[at + 1] !== "(" && script[at + 1] !== "{")) return undefined;
  const [open, close] = script[at + 1] === "(" ? ["(", ")"] : ["{", "}"];
  let level = 0;
  for (let end = at + 1; end < script.length; end++) {
    const char = script[end];
    if (char === "\\") end++;
    else if (char === "'") {
      const quote = script.indexOf("'", end + 1);
      if (quote !== -1) end = quote;
    } else if (char === open) level++;
    else if (char === close) {
      level--;
      if (level > 0) continue;
      // `$((…))` is arithmetic.
      if (open === "(" && script[at + 2] !== "(") nested.push(script.slice(at + 2, end));
      return end + 1;
    }
  }
  return script.length;
}
