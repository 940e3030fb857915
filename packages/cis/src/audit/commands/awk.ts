import { matcherFor } from "../../judge/pattern.ts";
import type { Command } from "../command.ts";
import { posixPattern } from "../posix-pattern.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { readInputs } from "./files.ts";
import { joinLines, linesOf, readArguments } from "./options.ts";

/** `awk [-F SEPARATOR] '[/PATTERN/|NR==1|NR>1] {print $1, "text" $2}'`: choosing lines and printing fields. */
export const awk: Command = (args) => {
  const { options, operands } = readArguments("awk", args, { flags: [], valued: ["F"] });
  const [program = "", ...files] = operands;
  const parsed =
    /^\s*(?:\/((?:[^/\\]|\\.)*)\/|NR\s*(==|>|>=)\s*(\d+))?\s*(?:\{\s*print\s*([^{}]*?)\s*;?\s*\})?\s*$/.exec(program);
  if (parsed === null || program.trim() === "") throw new UnsupportedAudit("awk program", program.slice(0, 60));
  const [, pattern, relation, number, list] = parsed;
  const matcher = pattern === undefined ? undefined : matcherFor(posixPattern(pattern, true));
  const chosen = (line: string, row: number): boolean => {
    if (matcher !== undefined) return matcher.test(line);
    if (number === undefined) return true;
    return relation === "==" ? row === Number(number) : relation === ">" ? row > Number(number) : row >= Number(number);
  };
  const items = printedItems(list ?? "");
  const separator = options.get("F")?.[0] ?? " ";
  const split = fieldSplitter(separator);
  return async (input, context) => {
    const { read, error } = await readInputs("awk", files, input, context);
    const out: string[] = [];
    let row = 0;
    for (const { text } of read)
      for (const line of linesOf(text)) {
        context.spend(1);
        row++;
        if (!chosen(line, row)) continue;
        const fields = split(line);
        out.push(
          items.length === 0 ? line : items.map((parts) => parts.map((part) => part(line, fields)).join("")).join(" "),
        );
      }
    return { out: joinLines(out), error: error === "" ? "" : `${error}\n`, code: error === "" ? 0 : 2 };
  };
};

function fieldSplitter(separator: string): (line: string) => readonly string[] {
  if (separator === " ") return (line) => line.trim().split(/[ \t\n]+/);
  if (separator.length === 1 && separator !== "\\") return (line) => line.split(separator);
  // A longer separator is a pattern; those that occur are words and paths, which match themselves.
  if (!/^[\w=:,/ -]+$/.test(separator)) throw new UnsupportedAudit("awk separator", separator.slice(0, 20));
  return (line) => line.split(separator);
}

type Item = (line: string, fields: readonly string[]) => string;

function printedItems(list: string): readonly (readonly Item[])[] {
  if (list.trim() === "") return [];
  const items: Item[][] = [[]];
  let at = 0;
  while (at < list.length) {
    const rest = list.slice(at);
    const token = /^(\s+|,|\$(\d{1,4}|NF)|NF|"((?:[^"\\]|\\.)*)")/.exec(rest);
    if (token === null) throw new UnsupportedAudit("awk program", rest.slice(0, 30));
    at += token[0].length;
    const [whole, , field, text] = token;
    if (whole === ",") items.push([]);
    else if (field !== undefined)
      items
        .at(-1)
        ?.push((line, fields) =>
          field === "NF" ? (fields.at(-1) ?? "") : field === "0" ? line : (fields[Number(field) - 1] ?? ""),
        );
    else if (text !== undefined) items.at(-1)?.push(() => text.replace(/\\(.)/g, "$1"));
    else if (whole === "NF") items.at(-1)?.push((_, fields) => String(fields.length));
  }
  return items;
}
