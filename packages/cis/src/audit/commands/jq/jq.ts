import { FormatError, jsonIn, parseJson } from "@plimsoll/formats";
import type { Command } from "../../command.ts";
import { UnsupportedAudit } from "../../unsupported.ts";
import { readInputs } from "../files.ts";
import { readArguments } from "../options.ts";
import { parseFilter } from "./parse-filter.ts";
import { FilterError, FilterRun, asText } from "./run-filter.ts";

/** `jq [-r] [-c] [-s] [-n] [-e] FILTER [FILE…]`. */
export const jq: Command = (args) => {
  const { options, operands } = readArguments("jq", args, {
    flags: ["r", "c", "s", "n", "e", "--raw-output", "--compact-output", "--slurp", "--exit-status"],
    valued: [],
  });
  const [program = ".", ...files] = operands;
  const filter = parseFilter(program);
  const raw = options.has("r") || options.has("--raw-output");
  const compact = options.has("c") || options.has("--compact-output");
  const slurp = options.has("s") || options.has("--slurp");
  return async (input, context) => {
    const { read, error } = await readInputs("jq", files, input, context);
    const run = new FilterRun((steps) => context.spend(steps));
    let values: readonly unknown[];
    try {
      values = read.flatMap(({ text }) => jsonValues(text));
    } catch (problem) {
      if (!(problem instanceof FormatError)) throw problem;
      return { out: "", error: `jq: parse error: ${problem.message.slice(0, 80)}\n`, code: 2 };
    }
    if (options.has("n")) values = [null];
    else if (slurp) values = [values];
    let out = "";
    let last: unknown = null;
    try {
      for (const value of values)
        for (const result of run.results(filter, value)) {
          last = result;
          out += `${raw ? rawText(result, compact) : JSON.stringify(result ?? null, null, compact ? undefined : 2)}\n`;
        }
    } catch (problem) {
      if (!(problem instanceof FilterError)) throw problem;
      return { out, error: `jq: error: ${problem.message}\n`, code: 5 };
    }
    const strict = options.has("e") || options.has("--exit-status");
    const code = error === "" ? (strict && (last === null || last === false) ? 1 : 0) : 2;
    return { out, error: error === "" ? "" : `${error}\n`, code };
  };
};

function rawText(value: unknown, compact: boolean): string {
  return typeof value === "string" ? value : compact ? asText(value) : JSON.stringify(value ?? null, null, 2);
}

/** The JSON values of a text, one after the other. */
function jsonValues(text: string): readonly unknown[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const whole = jsonIn(trimmed);
  if (whole !== undefined) return [whole];
  // Several values: one a line, or printed over several lines.
  const values: unknown[] = [];
  let at = 0;
  while (at < trimmed.length) {
    const end = behindValue(trimmed, at);
    values.push(parseJson(trimmed.slice(at, end)));
    if (values.length > 1_000_000) throw new UnsupportedAudit("jq input", "too many values");
    at = end;
    while (/\s/.test(trimmed[at] ?? "")) at++;
  }
  return values;
}

function behindValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      at++;
      while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      if (depth === 0) return at + 1;
    } else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth <= 0) return at + 1;
    } else if (depth === 0 && at > from && /[\s{["]/.test(char ?? "")) return at;
  }
  return text.length;
}
