import { matcherFor } from "../../judge/pattern.ts";
import type { Matcher } from "../../judge/pattern.ts";
import { failed, printed } from "../command.ts";
import type { Command } from "../command.ts";
import { escaped, posixPattern } from "../posix-pattern.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { readInputs } from "./files.ts";
import { countOption, joinLines, linesOf, readArguments } from "./options.ts";

/** `grep` with `-v -i -E -F -q -c -o -w -x -h -s -m -A -B -e` and `--color`. */
export const grep: Command = (args) => {
  const { options, operands } = readArguments("grep", args, {
    flags: [
      "v",
      "i",
      "E",
      "F",
      "G",
      "q",
      "c",
      "o",
      "w",
      "x",
      "h",
      "s",
      "a",
      "--color",
      "--quiet",
      "--count",
      "--invert-match",
    ],
    valued: ["e", "m", "A", "B", "C", "--max-count", "--after-context"],
  });
  const patterns = options.get("e") ?? operands.slice(0, 1);
  const files = options.has("e") ? operands : operands.slice(1);
  // A name that was not replaced leaves nothing to look for; grep then only says how it is used.
  if (patterns.length === 0) return () => failed("Usage: grep [OPTION]... PATTERNS [FILE]...", 2);
  const matcher = matcherOf(patterns, options);
  const inverted = options.has("v") || options.has("--invert-match");
  const number = (...names: readonly string[]): number | undefined => {
    const text = names.map((name) => options.get(name)?.[0]).find((value) => value !== undefined);
    return text === undefined ? undefined : countOption("grep", text);
  };
  const most = number("m", "--max-count") ?? Infinity;
  const context = number("C") ?? 0;
  const after = number("A", "--after-context") ?? context;
  const before = number("B") ?? context;
  const quiet = options.has("q") || options.has("--quiet");
  return async (input, run) => {
    const inputs = await readInputs("grep", files, input, run);
    const printedLines: string[] = [];
    let count = 0;
    for (const { name, text } of inputs.read) {
      const prefix = files.length > 1 && !options.has("h") ? `${name}:` : "";
      const lines = linesOf(text);
      run.spend(lines.length);
      let shown = -1;
      let trailing = 0;
      let found = 0;
      for (const [index, line] of lines.entries()) {
        const match = matcher.exec(line);
        if ((match !== undefined) === inverted) {
          if (trailing-- > 0) {
            printedLines.push(prefix + line);
            shown = index;
          }
          continue;
        }
        if (found === most) break;
        found++;
        if (options.has("o")) {
          for (const part of everyMatch(matcher, line)) printedLines.push(prefix + part);
        } else {
          const from = Math.max(shown + 1, index - before);
          if (shown !== -1 && from > shown + 1 && after + before > 0) printedLines.push("--");
          for (let at = from; at <= index; at++) printedLines.push(prefix + (lines[at] ?? ""));
          shown = index;
        }
        trailing = after;
      }
      count += found;
      if (options.has("c") || options.has("--count")) {
        printedLines.length = 0;
        printedLines.push(`${prefix}${found}`);
      }
    }
    const error = options.has("s") ? "" : inputs.error;
    const code = inputs.error !== "" && !quiet ? 2 : count > 0 ? 0 : 1;
    return quiet
      ? failed(error, code)
      : { ...printed(joinLines(printedLines), code), error: error === "" ? "" : `${error}\n` };
  };
};

function matcherOf(patterns: readonly string[], options: ReadonlyMap<string, readonly string[]>): Matcher {
  const alternatives = patterns
    .flatMap((pattern) => pattern.split("\n"))
    .map((pattern) => (options.has("F") ? escaped(pattern) : posixPattern(pattern, options.has("E"))));
  let source = alternatives.map((alternative) => `(?:${alternative})`).join("|");
  if (options.has("w")) source = `\\b(?:${source})\\b`;
  if (options.has("x")) source = `^(?:${source})$`;
  try {
    return matcherFor(options.has("i") ? `(?i)${source}` : source);
  } catch (error) {
    throw new UnsupportedAudit("pattern of grep", error instanceof Error ? error.message : undefined);
  }
}

/** Empty matches are not printed, and do not end the search. */
function everyMatch(matcher: Matcher, line: string): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const match = matcher.exec(line, at);
    if (match === undefined) break;
    const [text = ""] = match.groups;
    if (text !== "") parts.push(text);
    at = match.index + Math.max(1, text.length);
  }
  return parts;
}
