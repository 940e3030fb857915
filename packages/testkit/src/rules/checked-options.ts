import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { readManifests, repository } from "./source-tree.ts";

/** A function of a package's front door that takes options. */
export interface FunctionWithOptions {
  /** `packages/image/src/archive.ts: imageArchive` */
  readonly name: string;
  /** Whether its first step, or a function that it hands them to, looks at what the options are. */
  readonly isChecked: boolean;
}

/**
 * The functions of a package's front door, or of the umbrella's two, whose last parameter is an object of options. Those of the lowest
 * layer, grammars and containers, know nothing of the model and its checks.
 */
export function functionsWithOptions(): readonly FunctionWithOptions[] {
  return [...readManifests()].flatMap(([folder, { name, private: isPrivate, plimsoll }]) => {
    if (isPrivate === true || plimsoll?.layer === 0) return [];
    const doors = name === "plimsoll" ? ["index.ts", "node.ts"] : ["index.ts"];
    return doors.flatMap((door) => ofModule(`packages/${folder}/src/${door}`, undefined, new Set()));
  });
}

/** Those that a module exports, itself or from others of its package; `wanted` by name, absent: all. */
function ofModule(
  path: string,
  wanted: ReadonlySet<string> | undefined,
  seen: Set<string>,
): readonly FunctionWithOptions[] {
  const text = readFileSync(join(repository, path), "utf8");
  const own = optionFunctions(text)
    .filter(({ name }) => wanted === undefined || wanted.has(name))
    .map(({ name, isChecked }) => ({ name: `${path}: ${name}`, isChecked }))
    .filter(({ name }) => !seen.has(name) && seen.add(name));
  const others = [...text.matchAll(/^export (?:\{([^}]*)\}|\*) from "(\.[^"]+)";/gm)].flatMap(
    ([, names, from = ""]) => {
      const inner = posix.join(dirname(path), from);
      if (names === undefined) return ofModule(inner, wanted, seen);
      const named = names.split(",").map((part) => part.trim().split(" as ")[0] ?? "");
      return ofModule(inner, new Set(named.filter((each) => wanted === undefined || wanted.has(each))), seen);
    },
  );
  return [...own, ...others];
}

/** The exported functions of a module's text whose last parameter is an object of options. */
export function optionFunctions(text: string): readonly { readonly name: string; readonly isChecked: boolean }[] {
  const plain = blanked(text);
  return [...plain.matchAll(/^export (?:async )?function\*? (\w+)/gm)].flatMap(({ 0: head, 1: name = "", index }) => {
    const open = plain.indexOf("(", afterGenerics(plain, index + head.length));
    const close = closing(plain, open);
    const last = parametersOf(plain.slice(open + 1, close)).at(-1);
    if (last === undefined || !isOptions(last)) return [];
    const end = `${plain}\n`.indexOf("\n}\n", close);
    // The name that is told stands in a text.
    return [{ name, isChecked: text.slice(close, end).includes(`checkOptions(${JSON.stringify(name)}`) }];
  });
}

/** `options: ImageOptions = {}`, `{ a, b }: ImageOptions`, `call: CallOptions`. */
function isOptions(parameter: string): boolean {
  return (
    /^\s*(?:options|call)\b/.test(parameter) || /^\s*(?:\w+|\{[^}]*\})\??:\s*[\w.<>" |&]*Options\b/.test(parameter)
  );
}

/** The text with comments and texts as blanks, of the same length. */
function blanked(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"/g, (part) => part.replaceAll(/[^\n]/g, " "));
}

function afterGenerics(text: string, at: number): number {
  return text[at] === "<" ? closing(text, at) + 1 : at;
}

/** Where the bracket at a position is closed. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const sign = text[at] ?? "";
    if ("([{<".includes(sign)) depth++;
    else if (")]}".includes(sign) || (sign === ">" && text[at - 1] !== "=")) depth--;
    if (depth === 0) return at;
  }
  return text.length;
}

/** Parts between the commas that are in no bracket. */
function parametersOf(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if ("([{<".includes(sign)) at = closing(text, at);
    else if (sign === ",") {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part.trim() !== "");
}
