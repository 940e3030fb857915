import { Command, CommanderError } from "commander";
import { tool } from "plimsoll";
import { describeError, exitCodes, UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { addAdmitCommand } from "./commands/admit.ts";
import { addAttestCommands } from "./commands/attest.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addCisCommands } from "./commands/cis.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addDatabaseCommands } from "./commands/database.ts";
import { addProbeCommand } from "./commands/probe.ts";
import { addPolicyCommands } from "./commands/policy.ts";
import { addQuestionCommands } from "./commands/question.ts";
import { addRegoCommands } from "./commands/rego.ts";
import { addResolveTagsCommand } from "./commands/resolve-tags.ts";
import { addScanCommands, examples } from "./commands/scan.ts";
import { adviceForCommand, adviceForFlag } from "./other-scanners.ts";
import { addServeCommand } from "./commands/serve.ts";
import { safeLines, writeLines } from "./safe-lines.ts";
import { applyEnvironment, applySettings, nameVariables } from "./settings.ts";

/** Runs one command line (without `node` and the program's name) and gives the process exit code. Never throws. */
export async function runCli(args: readonly string[], given: Terminal): Promise<number> {
  const terminal: Terminal = { ...given, stderr: safeLines(given.stderr) };
  let code: number = exitCodes.done;
  let usage: number = exitCodes.usage;
  const program = createProgram(terminal, (result) => (code = result));
  // The audit alone ends as kubeaudit does, whose 2 says that something was found.
  program.hook("preSubcommand", (_, command) => {
    if (command.name() === "audit") usage = exitCodes.failed;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : usage;
    terminal.stderr.write(`error: ${describeError(error)}\n`);
    return error instanceof UsageError ? usage : exitCodes.failed;
  }
}

function createProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command("plimsoll")
    .description("Which known vulnerabilities a container image carries, where they come from, and what fixes them.")
    .version(tool.version)
    .option(
      "--config <file>",
      "settings; your own plimsoll/plimsoll.yaml and, for formats and filters, plimsoll.yaml in the working directory hold without being named (PLIMSOLL_CONFIG)",
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
        "plimsoll image --input app.tar",
        "plimsoll image app.tar --severity CRITICAL,HIGH --exit-code 1",
        "plimsoll db info",
      ),
    );
  addScanCommands(program, terminal, finish);
  addConfigCommand(program, terminal, finish);
  addQuestionCommands(program, terminal, finish);
  addCisCommands(program, terminal, finish);
  addProbeCommand(program, terminal, finish);
  addPolicyCommands(program, terminal, finish);
  addAdmitCommand(program, terminal, finish);
  addAttestCommands(program, terminal, finish);
  addResolveTagsCommand(program, terminal, finish);
  addAuditCommands(program, terminal, finish);
  addDatabaseCommands(program, terminal, finish);
  addRegoCommands(program, terminal, finish);
  addServeCommand(program, terminal, finish);
  addCompletionCommand(program, terminal, finish);
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput(program.configureOutput());
    nameVariables(command);
  }
  program.hook("preAction", (_, command) => {
    applyEnvironment(command, terminal.env);
    applySettings(command, terminal);
  });
  return program;
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/** Where a mistake is another scanner's word, its word here takes the place of guesses at the spelling. */
function advise(error: string): string {
  const [line, kind, name = ""] = /^error: unknown (option|command) '([^'\n]+)'/.exec(error) ?? [];
  const advice = kind === "option" ? adviceForFlag(name) : kind === "command" ? adviceForCommand(name) : undefined;
  return line === undefined || advice === undefined ? error : `${line}; ${advice}\n`;
}
