import { fixStatuses, severities } from "@plimsoll/model";
import type { Command, Option } from "commander";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { examples } from "./examples.ts";

/** Adds `completion`, which prints a script that completes commands and options in a shell. */
export function addCompletionCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("completion")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      examples(
        "source <(plimsoll completion bash)",
        "plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish",
      ),
    )
    .action((shell: string) => {
      const script = scripts.get(shell);
      if (script === undefined)
        throw new UsageError(`There are completions for ${[...scripts.keys()].join(", ")}, not for "${shell}"`);
      terminal.stdout.write(script(entriesOf(program)));
      finish(exitCodes.done);
    });
}

/** What may follow a command: `path` is empty for the program itself. */
interface Entry {
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly word: string;
  readonly description: string;
  /** Of an option that takes a value: the values it is known to take; none where that is a file or anything else. */
  readonly values?: readonly string[];
}

/** Values that the help of an option only gives examples of. */
const valuesOfOptions: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["--severity", severities],
  ["--ignore-status", fixStatuses],
]);

/** Values as helps list them: `one of table, json; …`, `auto, always or never (default: auto)`, `what to look for: vuln, secret`. */
const listedValues = /^(?:[^,;:]+: )?(?:one of )?([\w-]+(?:, [\w-]+)*(?:, | or )[\w-]+)(?=$|;| \()/;

function valuesOf({ long, description }: Option): readonly string[] {
  const known = valuesOfOptions.get(long ?? "");
  return known ?? listedValues.exec(description)?.[1]?.split(/, | or /) ?? [];
}

function entriesOf(command: Command, path: readonly string[] = []): readonly Entry[] {
  const children = command.commands.map((child) => ({ word: child.name(), description: child.summary() }));
  const options = command.options.flatMap((option): readonly Word[] => {
    const { long, description } = option;
    if (long === undefined) return [];
    return [{ word: long, description, ...((option.required || option.optional) && { values: valuesOf(option) }) }];
  });
  return [
    { path: path.join(" "), words: [...children, ...options, { word: "--help", description: "display help" }] },
    ...command.commands.flatMap((child) => entriesOf(child, [...path, child.name()])),
  ];
}

const scripts: ReadonlyMap<string, (entries: readonly Entry[]) => string> = new Map([
  ["bash", bashScript],
  ["zsh", (entries) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(entries)}`],
  ["fish", fishScript],
]);

function bashScript(entries: readonly Entry[]): string {
  const cases = entries.map(
    ({ path, words }) => `    ${quote(path)}) words=${quote(words.map(({ word }) => word).join(" "))} ;;`,
  );
  const values = entries.flatMap(({ path, words }) =>
    words.flatMap(({ word, values: taken }) =>
      taken === undefined
        ? []
        : `    ${quote(path === "" ? word : `${path} ${word}`)}) words=${quote(taken.join(" "))} ;;`,
    ),
  );
  const known = entries
    .filter(({ path }) => path !== "")
    .map(({ path }) => quote(path))
    .join("|");
  return `_plimsoll() {
  local path="" next words=""
  for next in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$next" in ${known}) path="\${path:+$path }$next" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  case "\${path:+$path }\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _plimsoll plimsoll
`;
}

function fishScript(entries: readonly Entry[]): string {
  return entries
    .flatMap(({ path, words }) => {
      const condition =
        path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1) ?? ""}`;
      return words.map(({ word, description, values }) => {
        const taken = values === undefined ? "" : values.length === 0 ? " -r" : ` -x -a ${quote(values.join(" "))}`;
        const what = word.startsWith("--") ? `-l ${word.slice(2)}${taken}` : `-f -a ${word}`;
        return `complete -c plimsoll -n ${quote(condition)} ${what} -d ${quote(description)}\n`;
      });
    })
    .join("");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
