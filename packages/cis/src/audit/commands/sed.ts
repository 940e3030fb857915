import { matcherFor } from "../../judge/pattern.ts";
import type { Matcher } from "../../judge/pattern.ts";
import type { Command } from "../command.ts";
import { posixPattern } from "../posix-pattern.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { readInputs } from "./files.ts";
import { joinLines, linesOf, readArguments } from "./options.ts";

interface Substitution {
  readonly matcher: Matcher;
  readonly replacement: string;
  readonly everywhere: boolean;
  readonly print: boolean;
}

/** `sed [-n] [-E] 's/PATTERN/TEXT/[g][p][I]' …`: substitutions only. */
export const sed: Command = (args) => {
  const { options, operands } = readArguments("sed", args, {
    flags: ["n", "E", "r", "--quiet", "--regexp-extended"],
    valued: ["e", "--expression"],
  });
  const given = options.get("e") ?? options.get("--expression");
  const scripts = given ?? operands.slice(0, 1);
  const files = given === undefined ? operands.slice(1) : operands;
  const extended = options.has("E") || options.has("r") || options.has("--regexp-extended");
  const steps = scripts.flatMap((script) => substitutions(script, extended));
  if (steps.length === 0) throw new UnsupportedAudit("sed script", "nothing to do");
  const silent = options.has("n") || options.has("--quiet");
  return async (input, context) => {
    const { read, error } = await readInputs("sed", files, input, context);
    const out: string[] = [];
    for (const { text } of read)
      for (const line of linesOf(text)) {
        context.spend(1);
        let current = line;
        for (const step of steps) {
          const { text: next, changed } = applied(step, current);
          current = next;
          if (changed && step.print) out.push(current);
        }
        if (!silent) out.push(current);
      }
    return { out: joinLines(out), error: error === "" ? "" : `${error}\n`, code: error === "" ? 0 : 2 };
  };
};

function substitutions(script: string, extended: boolean): readonly Substitution[] {
  const found: Substitution[] = [];
  let at = 0;
  while (at < script.length) {
    if (/[\s;]/.test(script[at] ?? "")) {
      at++;
      continue;
    }
    if (script[at] !== "s" || script[at + 1] === undefined)
      throw new UnsupportedAudit("sed script", script.slice(at, at + 20));
    const delimiter = script[at + 1] ?? "";
    const pattern = delimited(script, at + 2, delimiter);
    const replacement = delimited(script, pattern.end, delimiter);
    const flags = /^[gpI]*/.exec(script.slice(replacement.end, replacement.end + 4))?.[0] ?? "";
    at = replacement.end + flags.length;
    if (at < script.length && !/[\s;]/.test(script[at] ?? ""))
      throw new UnsupportedAudit("sed script", script.slice(at, at + 20));
    try {
      const source = posixPattern(pattern.text, extended);
      found.push({
        matcher: matcherFor(flags.includes("I") ? `(?i)${source}` : source),
        replacement: replacement.text,
        everywhere: flags.includes("g"),
        print: flags.includes("p"),
      });
    } catch (error) {
      throw new UnsupportedAudit("pattern of sed", error instanceof Error ? error.message : undefined);
    }
  }
  return found;
}

function delimited(script: string, from: number, delimiter: string): { text: string; end: number } {
  let text = "";
  let at = from;
  while (at < script.length) {
    const char = script[at] ?? "";
    if (char === delimiter) return { text, end: at + 1 };
    if (char === "\\" && script[at + 1] === delimiter) {
      text += delimiter;
      at += 2;
    } else if (char === "\\") {
      text += script.slice(at, at + 2);
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  throw new UnsupportedAudit("sed script", "a delimiter is missing");
}

function applied(step: Substitution, line: string): { text: string; changed: boolean } {
  let out = "";
  let copied = 0;
  let at = 0;
  let changed = false;
  while (at <= line.length) {
    const match = step.matcher.exec(line, at);
    if (match === undefined) break;
    const { groups, index } = match;
    const [whole = ""] = groups;
    changed = true;
    out += line.slice(copied, index) + replaced(step.replacement, groups);
    copied = index + whole.length;
    if (!step.everywhere) break;
    at = Math.max(copied, index + 1);
  }
  return { text: out + line.slice(copied), changed };
}

/** `&` is the match, a backslash and a digit a group. */
function replaced(replacement: string, groups: readonly (string | undefined)[]): string {
  return replacement.replace(/\\(.)|&/gs, (mark, letter: string | undefined) => {
    if (letter === undefined) return groups[0] ?? mark;
    if (letter === "n") return "\n";
    return /\d/.test(letter) ? (groups[Number(letter)] ?? "") : letter;
  });
}
