import { failed } from "../command.ts";
import type { Command, CommandResult } from "../command.ts";
import { countOption, linesOf, readArguments } from "./options.ts";

/** `xargs [-I{}] [-r] [-n N] [-L N] COMMAND …`: words of the input become arguments. */
export const xargs: Command = (args) => {
  const { options, operands } = readArguments("xargs", args, {
    flags: ["r", "t", "--no-run-if-empty"],
    valued: ["I", "n", "L"],
    intermixed: false,
  });
  const command = operands.length === 0 ? ["echo"] : operands;
  const mark = options.get("I")?.[0];
  const per = options.get("n")?.[0];
  const lines = options.get("L")?.[0];
  const optional = options.has("r") || options.has("--no-run-if-empty");
  const size = per === undefined ? Infinity : Math.max(1, countOption("xargs", per));
  const lineCount = lines === undefined ? undefined : Math.max(1, countOption("xargs", lines));
  return async (input, context) => {
    const calls: (readonly string[])[] = [];
    if (mark !== undefined) {
      for (const line of linesOf(input))
        if (line.trim() !== "") calls.push(command.map((word) => word.replaceAll(mark, () => line.trimStart())));
    } else if (lineCount !== undefined) {
      const filled = linesOf(input).filter((line) => line.trim() !== "");
      for (let at = 0; at < filled.length; at += lineCount)
        calls.push([...command, ...filled.slice(at, at + lineCount).flatMap(words)]);
    } else {
      const all = linesOf(input).flatMap(words);
      for (let at = 0; at < all.length; at += size) calls.push([...command, ...all.slice(at, at + size)]);
      if (all.length === 0 && !optional) calls.push(command);
    }
    const results: CommandResult[] = [];
    for (const call of calls) results.push(await context.command(call, ""));
    if (results.length === 0) return failed("", 0);
    return {
      out: results.map((result) => result.out).join(""),
      error: results.map((result) => result.error).join(""),
      // What GNU xargs says when a command ended with an error.
      code: results.some((result) => result.code !== 0) ? 123 : 0,
    };
  };
};

/** Words of a line; quotes and backslashes keep blanks. */
function words(line: string): readonly string[] {
  const found: string[] = [];
  for (const match of line.matchAll(/(?:"([^"]*)"|'([^']*)'|\\(.)|[^\s"'\\])+|["']/g))
    found.push(
      match[0].replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) => double ?? single ?? escaped ?? ""),
    );
  return found;
}
