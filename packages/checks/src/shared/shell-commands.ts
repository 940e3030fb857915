/** Words that begin or join commands and are none themselves (POSIX shell, 2.4, and `[[`'s relatives in bash). */
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

/** Command substitutions inside each other are followed this deep. */
const maxDepth = 20;

/**
 * The simple commands of a shell script, each as its words: program and arguments, quotes kept, without assignments in front and
 * without redirections. Lists, pipes, subshells, conditions, loops and command substitutions are looked into. Text that is no shell
 * script gives what can be recognised. Nothing is run.
 */
export function shellCommands(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  collect(script, commands, 0, true);
  return commands;
}

/** The same without those in subshells and command substitutions: what they change ends with them. */
export function commandsOutsideOfSubshells(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  collect(script, commands, 0, false);
  return commands;
}

function collect(script: string, commands: string[][], depth: number, subshells: boolean): void {
  if (depth > maxDepth) return;
  let brackets = 0;
  let words: string[] = [];
  const nested: string[] = [];
  /** What the next words are: of a `for` or `case`, up to their `do` or `in`. */
  let skipping: "for" | "case" | undefined;
  const finish = (): void => {
    if (words.length > 0 && (subshells || brackets === 0)) commands.push(words);
    words = [];
    for (const inner of nested.splice(0)) if (subshells) collect(inner, commands, depth + 1, true);
  };
  let at = 0;
  while (at < script.length) {
    const char = script[at] ?? "";
    if (char === " " || char === "\t" || char === "\r") at++;
    else if (char === "\\" && script[at + 1] === "\n") at += 2;
    else if (char === "\n" || char === ";" || char === "&" || char === "|" || char === "(" || char === ")") {
      if (char === "&" && script[at + 1] === ">") at = skipRedirection(script, at + 2);
      else {
        if (skipping === "for" && (char === ";" || char === "\n")) {
          words = [];
          skipping = undefined;
        }
        // The pattern of a case ends in a bracket; it is no command.
        if (char === ")" && words.length === 1 && skipping === "case") words = [];
        finish();
        if (char === "(") brackets++;
        else if (char === ")" && brackets > 0) brackets--;
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
      if (words.length === 0) {
        if (keywords.has(word)) continue;
        if (word === "for" || word === "select") skipping = "for";
        else if (word === "case") skipping = "case";
        if (/^[A-Za-z_]\w*\+?=/.test(word)) continue;
      }
      if (skipping === "for" && word === "do") {
        words = [];
        skipping = undefined;
      } else if (skipping === "case" && word === "in") words = [];
      else words.push(word);
    }
  }
  if (skipping === undefined) finish();
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
