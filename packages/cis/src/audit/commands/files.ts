import type { FileFacts } from "../../facts/node-facts.ts";
import type { Command, CommandContext } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { joinLines, readArguments } from "./options.ts";

/** The contents of a command's files, and error messages about those that cannot be read. */
export interface Inputs {
  readonly read: readonly { readonly name: string; readonly text: string }[];
  readonly error: string;
}

/** The files of a command, or its input when it names none. */
export async function readInputs(
  command: string,
  files: readonly string[],
  input: string,
  context: CommandContext,
): Promise<Inputs> {
  if (files.length === 0) return { read: [{ name: "-", text: input }], error: "" };
  const read: { name: string; text: string }[] = [];
  const errors: string[] = [];
  for (const name of files) {
    context.spend(1);
    if (name === "-") {
      read.push({ name, text: input });
      continue;
    }
    const environment = /^\/proc\/(\d+)\/environ$/.exec(name)?.[1];
    if (environment !== undefined) {
      read.push({ name, text: await environmentOf(Number(environment), context) });
      continue;
    }
    const path = absolute(name);
    const text = await context.facts.readFile(path);
    if (text === undefined) throw new UnsupportedAudit("unknown content", path);
    if (text !== null) read.push({ name, text });
    else if ((await context.facts.stat(path))?.type === "directory") errors.push(`${command}: ${name}: Is a directory`);
    else errors.push(`${command}: ${name}: No such file or directory`);
  }
  return { read, error: errors.join("\n") };
}

async function environmentOf(pid: number, context: CommandContext): Promise<string> {
  const process = (await context.facts.processes())?.find((each) => each.pid === pid);
  if (process?.environment === undefined) throw new UnsupportedAudit("unknown environment of a process");
  return Object.entries(process.environment)
    .map(([name, value]) => `${name}=${value}\0`)
    .join("");
}

/** The absolute path; a relative one is taken from the root, because the working directory of audits is not known. */
export function absolute(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

/** `cat FILE…`. */
export const cat: Command = (args) => {
  const { operands } = readArguments("cat", args, { flags: [], valued: [] });
  return async (input, context) => {
    const { read, error } = await readInputs("cat", operands, input, context);
    const out = read.map(({ text }) => text).join("");
    return { out, error: error === "" ? "" : `${error}\n`, code: error === "" ? 0 : 1 };
  };
};

/** `stat -c FORMAT FILE…` with `%a %A? %U %G %u %g %n %s %F`. */
export const stat: Command = (args) => {
  const { options, operands } = readArguments("stat", args, { flags: ["L"], valued: ["c", "--format", "--printf"] });
  const format = (options.get("c") ?? options.get("--format"))?.[0];
  if (format === undefined) throw new UnsupportedAudit("option of stat", "no format");
  const unknown = /%[^aUGunsFg%]/.exec(format)?.[0];
  if (unknown !== undefined) throw new UnsupportedAudit("option of stat", unknown);
  return async (_, context) => {
    const lines: string[] = [];
    const errors: string[] = operands.length === 0 ? ["stat: missing operand"] : [];
    for (const name of operands) {
      context.spend(1);
      const facts = name === "" ? null : await context.facts.stat(absolute(name));
      if (facts === undefined) throw new UnsupportedAudit("unknown file", name);
      if (facts === null) errors.push(`stat: cannot statx '${name}': No such file or directory`);
      else lines.push(format.replace(/%(.)/g, (_whole, letter: string) => statField(letter, name, facts)));
    }
    const error = errors.length === 0 ? "" : `${errors.join("\n")}\n`;
    return { out: joinLines(lines), error, code: error === "" ? 0 : 1 };
  };
};

function statField(letter: string, name: string, facts: FileFacts): string {
  switch (letter) {
    case "a":
      return (facts.mode & 0o7777).toString(8);
    case "U":
      return facts.user ?? (facts.uid === 0 ? "root" : "UNKNOWN");
    case "G":
      return facts.group ?? (facts.gid === 0 ? "root" : "UNKNOWN");
    case "u":
      return String(facts.uid);
    case "g":
      return String(facts.gid);
    case "n":
      return name;
    case "s":
      return String(facts.size ?? 0);
    case "F":
      return facts.type === "directory" ? "directory" : "regular file";
    default:
      return "%";
  }
}
