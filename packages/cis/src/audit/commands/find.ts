import type { FileFacts } from "../../facts/node-facts.ts";
import { failed, printed } from "../command.ts";
import type { Command, CommandContext } from "../command.ts";
import { matchesShellPattern } from "../shell-pattern.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { absolute } from "./files.ts";
import { countOption, joinLines } from "./options.ts";

type Condition = (name: string, facts: FileFacts) => boolean;

/** `find PATH… -name -type -mindepth -maxdepth ! -o -exec … {} + -print`. */
export const find: Command = (args) => {
  let at = 0;
  const roots: string[] = [];
  while (at < args.length && !/^[-!(]/.test(args[at] ?? "")) roots.push(args[at++] ?? "");
  let least = 0;
  let most = Infinity;
  let exec: { readonly words: readonly string[]; readonly together: boolean } | undefined;
  /** Any of the lists; all of each. */
  const any: Condition[][] = [[]];
  let negated = false;
  const add = (condition: Condition): void => {
    const wanted = !negated;
    any.at(-1)?.push((name, facts) => condition(name, facts) === wanted);
    negated = false;
  };
  while (at < args.length) {
    const word = args[at++] ?? "";
    switch (word) {
      case "!":
      case "-not":
        negated = !negated;
        break;
      case "-o":
      case "-or":
        any.push([]);
        break;
      case "-a":
      case "-and":
      case "-print":
        break;
      case "-name":
      case "-iname": {
        const pattern = args[at++] ?? "";
        const fold = word === "-iname";
        const wanted = fold ? pattern.toLowerCase() : pattern;
        add((name) => matchesShellPattern(wanted, fold ? name.toLowerCase() : name));
        break;
      }
      case "-type": {
        const type = args[at++] ?? "";
        if (type !== "f" && type !== "d") throw new UnsupportedAudit("option of find", `-type ${type}`);
        add((_, facts) => facts.type === (type === "f" ? "file" : "directory"));
        break;
      }
      case "-mindepth":
        least = countOption("find", args[at++] ?? "");
        break;
      case "-maxdepth":
        most = countOption("find", args[at++] ?? "");
        break;
      case "-exec": {
        const end = args.findIndex((arg, index) => index >= at && (arg === ";" || arg === "+"));
        if (end === -1) throw new UnsupportedAudit("option of find", "-exec without an end");
        exec = { words: args.slice(at, end), together: args[end] === "+" };
        at = end + 1;
        break;
      }
      default:
        throw new UnsupportedAudit("option of find", word.slice(0, 20));
    }
  }
  if (any.length > 1 && exec !== undefined) throw new UnsupportedAudit("option of find", "-o with -exec");
  return async (input, context) => {
    const paths: string[] = [];
    const errors: string[] = [];
    for (const root of roots.length === 0 ? ["."] : roots) {
      const facts = root === "" ? null : await context.facts.stat(absolute(root));
      if (facts === undefined) throw new UnsupportedAudit("unknown file", root);
      if (facts === null) errors.push(`find: '${root}': No such file or directory`);
      else
        await walk(root, facts, 0, most, context, (path, name, each, depth) => {
          if (depth >= least && any.some((all) => all.every((condition) => condition(name, each)))) paths.push(path);
        });
    }
    const error = errors.join("\n");
    const code = error === "" ? 0 : 1;
    if (exec === undefined) return error === "" ? printed(joinLines(paths)) : failed(error, code, joinLines(paths));
    const results = [];
    const { words, together } = exec;
    const batches = together ? (paths.length === 0 ? [] : [paths]) : paths.map((path) => [path]);
    for (const batch of batches)
      results.push(
        await context.command(
          words.flatMap((word) => (word === "{}" ? batch : [word])),
          input,
        ),
      );
    return {
      out: results.map((result) => result.out).join(""),
      error: (error === "" ? "" : `${error}\n`) + results.map((result) => result.error).join(""),
      code: together && results.some((result) => result.code !== 0) ? 1 : code,
    };
  };
};

async function walk(
  path: string,
  facts: FileFacts,
  depth: number,
  most: number,
  context: CommandContext,
  visit: (path: string, name: string, facts: FileFacts, depth: number) => void,
): Promise<void> {
  context.spend(1);
  const clean = path.length > 1 ? path.replace(/\/+$/, "") : path;
  visit(path, clean.slice(clean.lastIndexOf("/") + 1) || "/", facts, depth);
  if (facts.type !== "directory" || depth >= most) return;
  if (depth > 200) throw new UnsupportedAudit("folders are nested too deeply");
  const names = await context.facts.list(absolute(path));
  if (names === undefined) throw new UnsupportedAudit("unknown folder", path);
  for (const name of (names ?? []).toSorted()) {
    const inner = `${path.endsWith("/") ? path : `${path}/`}${name}`;
    const each = await context.facts.stat(absolute(inner));
    if (each === undefined) throw new UnsupportedAudit("unknown file", inner);
    if (each !== null) await walk(inner, each, depth + 1, most, context, visit);
  }
}
