import type { Dockerfile, DockerfileInstruction, DockerfileStage } from "@plimsoll/configs";
import type { CheckHit } from "../check.ts";
import type { Change } from "../shared/fixes/change.ts";
import { scriptOf } from "../shared/run-script.ts";
import { shellCommands } from "../shared/shell-commands.ts";

/** Docker's page of best practices for builds. */
export const buildingBestPractices = "https://docs.docker.com/build/building/best-practices/";
/** Docker's reference of the Dockerfile. */
export const dockerfileReference = "https://docs.docker.com/reference/dockerfile/";

/** Instructions of a kind in the stages, in order; those before the first `FROM` are none of them. */
export function instructionsOf(dockerfile: Dockerfile, cmd: string): readonly DockerfileInstruction[] {
  return dockerfile.stages.flatMap((stage) => stageInstructions(stage, cmd));
}

/** Instructions of a kind in one stage. */
export function stageInstructions(stage: DockerfileStage, cmd: string): readonly DockerfileInstruction[] {
  return stage.instructions.filter((instruction) => instruction.cmd === cmd);
}

/** A hit at an instruction. */
export function instructionHit(
  dockerfile: Dockerfile,
  instruction: DockerfileInstruction,
  message: string,
  fix?: readonly Change[],
): CheckHit {
  return {
    message,
    path: ["instructions", dockerfile.instructions.indexOf(instruction)],
    ...(fix === undefined ? {} : { fix }),
  };
}

/** A `RUN` instruction with its commands. */
export interface Run {
  readonly instruction: DockerfileInstruction;
  readonly commands: readonly (readonly string[])[];
}

/** Every `RUN` with its commands. */
export function runsOf(dockerfile: Dockerfile): readonly Run[] {
  return instructionsOf(dockerfile, "RUN").map((instruction) => ({
    instruction,
    commands: shellCommands(scriptOf(instruction)),
  }));
}

/** A command of a package manager: its program, its subcommand (the first word that is no flag), and all its words. */
export interface PackageCommand {
  readonly program: string;
  readonly action: string;
  readonly words: readonly string[];
}

/** Programs that run the program that follows. */
const prefixes = new Set(["sudo", "exec", "env", "nice", "command", "eatmydata", "time", "eval", "nohup", "xargs"]);

/** The command as one of a package manager: paths and `sudo` in front do not matter. Undefined: it is none of these programs. */
export function packageCommand(words: readonly string[], programs: readonly string[]): PackageCommand | undefined {
  let first = 0;
  while (first < words.length && (prefixes.has(words[first] ?? "") || /^\w+=/.test(words[first] ?? ""))) first++;
  const program = (words[first] ?? "").replace(/^.*\//, "");
  if (!programs.includes(program)) return undefined;
  const rest = words.slice(first + 1);
  return { program, action: rest.find((word) => !word.startsWith("-")) ?? "", words: rest };
}
