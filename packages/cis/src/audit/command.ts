import type { NodeFacts } from "../facts/node-facts.ts";

/** The part of a run that a command can use. */
export interface CommandContext {
  readonly facts: NodeFacts;
  /** Counts work; throws when the limit is passed. */
  spend(steps: number): void;
  /** Records that the command used processes that are only declared; see `NodeFacts.processesAre`. */
  lookedAtDeclared(): void;
  /** Runs another command line, as `sh -c` and `xargs` do. */
  script(text: string, input: string): Promise<CommandResult>;
  command(words: readonly string[], input: string): Promise<CommandResult>;
}

/** What a command printed on both streams and its exit code. */
export interface CommandResult {
  readonly out: string;
  readonly error: string;
  readonly code: number;
}

/** A command with parsed arguments: returns its output for an input. */
export type Operation = (input: string, context: CommandContext) => CommandResult | Promise<CommandResult>;

/** Parses the arguments of a command. @throws UnsupportedAudit for unsupported ones. */
export type Command = (args: readonly string[]) => Operation;

/** The result of a command that succeeded. */
export function printed(out: string, code = 0): CommandResult {
  return { out, error: "", code };
}

/** The result of a command that failed. */
export function failed(error: string, code: number, out = ""): CommandResult {
  return { out, error: error === "" ? "" : `${error}\n`, code };
}
