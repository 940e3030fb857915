import type { DockerfileCheck } from "../check.ts";
import { dockerfileCheck } from "../shared/define.ts";
import { commandsOutsideOfSubshells, shellCommands } from "../shared/shell-commands.ts";
import { scriptOf } from "../shared/run-script.ts";
import {
  buildingBestPractices,
  dockerfileReference,
  instructionHit,
  runsOf,
  stageInstructions,
} from "./instructions.ts";

const references = [buildingBestPractices];

/** Commands in `RUN`. */
export const runChecks: readonly DockerfileCheck[] = [
  dockerfileCheck({
    id: "DS-0010",
    name: "no-sudo-run",
    title: "sudo in RUN",
    severity: "CRITICAL",
    description: "A build runs as root already; sudo changes how signals and terminals work and stays in the image.",
    remediation: "Leave sudo out; use USER to change who runs a command.",
    references,
    *evaluate(dockerfile) {
      for (const { instruction, commands } of runsOf(dockerfile))
        if (commands.some(([program]) => program === "sudo" || program?.endsWith("/sudo") === true)) {
          const text =
            instruction.json === true || instruction.heredocs !== undefined ? undefined : instruction.original;
          const only = text === undefined ? [] : [...text.matchAll(/(^|\s)sudo\s+(?=[^\s-])/g)];
          yield instructionHit(
            dockerfile,
            instruction,
            "RUN uses sudo",
            text === undefined || only.length !== 1
              ? undefined
              : [
                  {
                    kind: "replace",
                    instruction: dockerfile.instructions.indexOf(instruction),
                    text: text.replace(/(^|\s)sudo\s+(?=[^\s-])/, "$1"),
                  },
                ],
          );
        }
    },
  }),
  dockerfileCheck({
    id: "DS-0013",
    name: "use-workdir-over-cd",
    title: "cd in RUN",
    severity: "MEDIUM",
    description: "cd holds for one RUN alone, so readers have to guess where the next one works.",
    remediation: "Use WORKDIR instead.",
    references: [`${dockerfileReference}#workdir`],
    *evaluate(dockerfile) {
      for (const { instruction } of runsOf(dockerfile))
        // A cd in a subshell or in a command substitution ends with it.
        if (
          commandsOutsideOfSubshells(scriptOf(instruction)).some(
            ([program, folder]) => program === "cd" && folder !== undefined,
          )
        )
          yield instructionHit(dockerfile, instruction, "RUN changes the folder with cd");
    },
  }),
  dockerfileCheck({
    id: "DS-0014",
    name: "standardise-remote-get",
    title: "Both wget and curl are used",
    severity: "LOW",
    description: "Two programs for the same task make the image larger.",
    remediation: "Use one of them.",
    references,
    *evaluate(dockerfile) {
      for (const stage of dockerfile.stages) {
        const runs = stageInstructions(stage, "RUN");
        const uses = (program: string): (typeof runs)[number] | undefined =>
          runs.find((run) => shellCommands(scriptOf(run)).some(([first]) => first?.replace(/^.*\//, "") === program));
        const wget = uses("wget");
        if (wget !== undefined && uses("curl") !== undefined)
          yield instructionHit(dockerfile, wget, "wget is used, and curl is, too");
      }
    },
  }),
];
