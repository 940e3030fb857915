import { Command, CommanderError } from "commander";
import { tool } from "plimsoll";
import { describeError, exitCodes, UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { everyCommandFile } from "./commands/index.ts";
import type { CommandFile } from "./commands/index.ts";
import { examples } from "./commands/examples.ts";
import { adviceForCommand, adviceForFlag } from "./other-scanners.ts";
import { safeLines, writeLines } from "./safe-lines.ts";
import { applyEnvironment, applySettings, nameVariables } from "./settings.ts";

/** Runs one command line (without `node` and the program's name) and gives the process exit code. Never throws. */
export async function runCli(args: readonly string[], given: Terminal): Promise<number> {
  const terminal: Terminal = { ...given, stderr: safeLines(given.stderr) };
  let code: number = exitCodes.done;
  let usage: number = exitCodes.usage;
  try {
    const words = await withCommandOf(args, terminal);
    const program = await createProgram(namedIn(words), terminal, (result) => (code = result));
    // The audit alone ends as kubeaudit does, whose 2 says that something was found.
    program.hook("preSubcommand", (_, command) => {
      if (command.name() === "audit") usage = exitCodes.failed;
    });
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : usage;
    terminal.stderr.write(`error: ${describeError(error)}\n`);
    return error instanceof UsageError ? usage : exitCodes.failed;
  }
}

/** The words with the command that a bare target leaves out; what tells targets apart is loaded only where there is one. */
async function withCommandOf(args: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const isWord = (arg: string): boolean => arg === "-" || !arg.startsWith("-");
  if (!args.some(isWord) || namedIn(args).size > 0) return args;
  const { withCommand } = await import("./bare-target.ts");
  return withCommand(args, await createProgram(new Set(), terminal, () => undefined));
}

/**
 * The files of commands that a command line may need: those with a command whose name is one of its words. That word may be the
 * value of an option; then one file too many is loaded.
 */
function namedIn(args: readonly string[]): ReadonlySet<CommandFile> {
  const files = everyCommandFile.filter(({ commands }) =>
    Object.keys(commands).some((names) => names.split("|").some((name) => args.includes(name))),
  );
  return new Set(files.some(({ asksOthers }) => asksOthers === true) ? everyCommandFile : files);
}

/** The program with the commands of these files; of every other one there is only what the list of commands shows. */
async function createProgram(
  loaded: ReadonlySet<CommandFile>,
  terminal: Terminal,
  finish: (code: number) => void,
): Promise<Command> {
  const program = new Command("plimsoll")
    .description(
      "Finds vulnerabilities, secrets, licences and unsafe settings of images, manifests and nodes; where they come from, and what fixes them.",
    )
    .usage("[options] TARGET | COMMAND …")
    .version(tool.version)
    .option(
      "--config <file>",
      "settings; your own plimsoll/plimsoll.yaml and, for formats and filters, plimsoll.yaml in the working directory apply without being named (PLIMSOLL_CONFIG)",
    )
    .option("--no-config", "read no settings that are not named")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => writeLines(terminal.stderr, text),
      outputError: (text, write) => write(advise(text)),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
    })
    .showSuggestionAfterError()
    .showHelpAfterError("(plimsoll --help lists commands and options)")
    .addHelpText(
      "after",
      examples(
        "plimsoll nginx:1.27                 # an image; a directory, an archive or an SBOM is told from what it holds",
        "plimsoll image app.tar --severity CRITICAL,HIGH --exit-code 1",
        "plimsoll db info",
      ),
    );
  for (const file of everyCommandFile) {
    if (loaded.has(file)) (await file.load())(program, terminal, finish);
    for (const [names, summary] of Object.entries(file.commands)) {
      const [name = "", ...aliases] = names.split("|");
      const declared = program.commands.find((command) => command.name() === name) ?? program.command(name);
      declared.summary(summary);
      if (!loaded.has(file)) declared.aliases(aliases);
    }
  }
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput(program.configureOutput());
    nameVariables(command);
  }
  // What a command takes stands in its own help; the list shows them all the same, whether they are loaded or not.
  program.configureHelp({ subcommandTerm: (command) => [command.name(), ...command.aliases()].join("|") });
  program.hook("preAction", async (_, command) => {
    applyEnvironment(command, terminal.env);
    await applySettings(command, terminal, () => createProgram(new Set(everyCommandFile), terminal, finish));
  });
  return program;
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/**
 * Where a mistake is another scanner's word, its word here takes the place of guesses at the spelling. A word that is like no
 * command may be an image.
 */
function advise(error: string): string {
  const [line, kind, name = ""] = /^error: unknown (option|command) '([^'\n]+)'/.exec(error) ?? [];
  const isGuessed = error.includes("Did you mean");
  const image = isGuessed ? undefined : `to scan an image of this name: \`plimsoll image ${name}\``;
  const advice =
    kind === "option" ? adviceForFlag(name) : kind === "command" ? (adviceForCommand(name) ?? image) : undefined;
  return line === undefined || advice === undefined ? error : `${line}; ${advice}\n`;
}
