import { Command, CommanderError } from "commander";
import { tool } from "plimsoll";
import { describeError, exitCodes, UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { everyCommandFile } from "./commands/index.ts";
import type { CommandFile } from "./commands/index.ts";
import { examples } from "./commands/examples.ts";
import { safeLines, writeLines } from "./safe-lines.ts";
import { applyEnvironment, applySettings, nameVariables } from "./settings.ts";
import { ownOptionsFirst } from "./under-heading.ts";

/** Runs one command line (without `node` and the program's name) and gives the process exit code. Never throws. */
export async function runCli(args: readonly string[], given: Terminal): Promise<number> {
  const terminal: Terminal = { ...given, stderr: safeLines(given.stderr) };
  let code: number = exitCodes.done;
  let usage: number = exitCodes.usage;
  const said: Said[] = [];
  try {
    const words = await withCommandOf(args, terminal);
    const program = await createProgram(namedIn(words), terminal, (result) => (code = result), said);
    // The audit alone ends as kubeaudit does, whose 2 says that something was found.
    program.hook("preSubcommand", (_, command) => {
      if (command.name() === "audit") usage = exitCodes.failed;
    });
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      await tell(said, terminal);
      return error.exitCode === 0 ? exitCodes.done : usage;
    }
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

/**
 * The program with the commands of these files; of every other one there is only what the list of commands shows. What it would
 * write on stderr joins `said`.
 */
async function createProgram(
  loaded: ReadonlySet<CommandFile>,
  terminal: Terminal,
  finish: (code: number) => void,
  said: Said[] = [],
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
      writeErr: (text) => said.push({ text }),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
    })
    .showSuggestionAfterError()
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
  for (const [command, path] of [[program, "plimsoll"] as const, ...allCommands(program, "plimsoll")]) {
    const lists = command.commands.length === 0 ? "options" : "commands and options";
    command
      .exitOverride()
      .configureOutput({ ...program.configureOutput(), outputError: (text) => said.push({ text, path }) })
      .configureHelp({ groupItems: ownOptionsFirst })
      .showHelpAfterError(`(\`${path} --help\` lists ${lists})`);
    if (command !== program) nameVariables(command);
  }
  // What a command takes stands in its own help; the list shows them all the same, whether they are loaded or not.
  program.configureHelp({
    ...program.configureHelp(),
    subcommandTerm: (command) => [command.name(), ...command.aliases()].join("|"),
  });
  program.hook("preAction", async (_, command) => {
    applyEnvironment(command, terminal.env);
    await applySettings(command, terminal, () => createProgram(new Set(everyCommandFile), terminal, finish));
  });
  return program;
}

/** All commands below one, each with the words that lead to it. */
function allCommands(command: Command, path: string): readonly (readonly [Command, string])[] {
  return command.commands.flatMap((child) => {
    const below = `${path} ${child.name()}`;
    return [[child, below] as const, ...allCommands(child, below)];
  });
}

/** What commander said before it gave up: a mistake with the words before it, or help. */
interface Said {
  readonly text: string;
  /** Of a mistake alone. */
  readonly path?: string;
}

/** Writes what commander said; what other tools call things is loaded only where somebody made a mistake. */
async function tell(said: readonly Said[], terminal: Terminal): Promise<void> {
  const isMistake = said.some(({ path }) => path !== undefined);
  const words = isMistake ? await import("./other-command-lines.ts") : undefined;
  for (const { text, path } of said)
    writeLines(terminal.stderr, words === undefined || path === undefined ? text : words.advised(text, path));
}
