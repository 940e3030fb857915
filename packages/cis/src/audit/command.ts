import type { NodeFacts } from "../facts/node-facts.ts";

/** What a command sees of the run it belongs to. */
export interface CommandContext {
  readonly facts: NodeFacts;
  /** Counts work; throws when there was too much. */
  spend(steps: number): void;
  /** Says that processes were looked at which are only declared. */
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

/** A command with its arguments understood: what it prints for an input. */
export type Operation = (input: string, context: CommandContext) => CommandResult | Promise<CommandResult>;

/** Understands the arguments of a command. @throws UnsupportedAudit when one of them has no plan. */
export type Command = (args: readonly string[]) => Operation;

/** What a command printed when it went well. */
export function printed(out: string, code = 0): CommandResult {
  return { out, error: "", code };
}

/** What a command printed when it did not. */
export function failed(error: string, code: number, out = ""): CommandResult {
  return { out, error: error === "" ? "" : `${error}\n`, code };
}
