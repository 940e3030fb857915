import { jsonIn } from "@plimsoll/formats";
import { firstWord, isSpace, splitOnSpace, splitWords, trimSpace } from "./words.ts";
import type { EscapeCharacter } from "./words.ts";

/** The arguments of an instruction, or why they are none. */
export type InstructionArguments =
  | { readonly args: readonly string[]; readonly json?: boolean; readonly error?: undefined }
  | { readonly error: string };

type Reader = (text: string, cmd: string, escape: EscapeCharacter) => InstructionArguments;

const notOnlyStrings = "a JSON list of arguments may hold only strings";

/** How the arguments of each instruction are written; the instructions that BuildKit knows. `ONBUILD` holds another one. */
export const argumentReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["ADD", listOrJson],
  ["ARG", (text, _, escape) => ({ args: splitWords(text, escape) })],
  ["CMD", commandOrJson],
  ["COPY", listOrJson],
  ["ENTRYPOINT", commandOrJson],
  ["ENV", pairs],
  ["EXPOSE", (text) => ({ args: splitOnSpace(text) })],
  ["FROM", (text) => ({ args: splitOnSpace(text) })],
  ["HEALTHCHECK", healthcheck],
  ["LABEL", pairs],
  ["MAINTAINER", wholeText],
  ["ONBUILD", (text) => ({ args: text === "" ? [] : [text] })],
  ["RUN", commandOrJson],
  ["SHELL", commandOrJson],
  ["STOPSIGNAL", wholeText],
  ["USER", wholeText],
  ["VOLUME", listOrJson],
  ["WORKDIR", wholeText],
]);

function wholeText(text: string): InstructionArguments {
  return { args: text === "" ? [] : [text] };
}

function commandOrJson(text: string): InstructionArguments {
  return jsonList(text) ?? wholeText(text);
}

function listOrJson(text: string): InstructionArguments {
  return jsonList(text) ?? { args: splitOnSpace(text) };
}

/** A JSON list of strings; undefined when the text is no JSON list and so is in shell form. */
function jsonList(text: string): InstructionArguments | undefined {
  if (!text.startsWith("[")) return undefined;
  const value = jsonIn(firstJsonValue(text));
  if (!Array.isArray(value)) return undefined;
  const args: string[] = [];
  for (const each of value) {
    if (typeof each !== "string") return { error: notOnlyStrings };
    args.push(each);
  }
  return { args, json: true };
}

/** Go's decoder stops behind the first value: what follows the closing bracket is not looked at. */
function firstJsonValue(text: string): string {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") {
      depth--;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}

function pairs(text: string, cmd: string, escape: EscapeCharacter): InstructionArguments {
  const words = splitWords(text, escape);
  const [first] = words;
  if (first === undefined) return { args: [] };
  if (!first.includes("=")) {
    const [name, value] = firstWord(text);
    return value === undefined || value === "" ? { error: `${cmd} needs two arguments` } : { args: [name, value, ""] };
  }
  const args: string[] = [];
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals === -1) return { error: `${cmd} has ${word.slice(0, 60)} where name=value is expected` };
    args.push(word.slice(0, equals), word.slice(equals + 1), "=");
  }
  return { args };
}

function healthcheck(text: string): InstructionArguments {
  const [type, rest] = firstWord(text);
  if (type === "") return { args: [] };
  const command = commandOrJson(trimSpace(rest ?? ""));
  if (command.error !== undefined) return command;
  return { ...command, args: [type, ...command.args] };
}

/** What a here-document's word says; undefined when it opens none. */
export function heredocWord(
  word: string,
): { readonly name: string; readonly expand: boolean; readonly chomp: boolean; readonly fd: number } | undefined {
  const match = /^(\d{0,9})<<(-?)([^<]*)$/.exec(word);
  const raw = match?.[3] ?? "";
  if (match === null || raw === "") return undefined;
  let name = "";
  let quoted = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at] ?? "";
    if (char === "'" || char === '"') {
      const end = raw.indexOf(char, at + 1);
      if (end === -1) return undefined;
      name += raw.slice(at + 1, end);
      quoted = true;
      at = end;
    } else if (char === "\\") {
      at++;
      name += raw[at] ?? "";
    } else if (isSpace(char)) return undefined;
    else name += char;
  }
  return name === "" ? undefined : { name, expand: !quoted, chomp: match[2] === "-", fd: Number(match[1] ?? "") };
}
