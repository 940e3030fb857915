import { argumentReaders } from "./arguments.ts";
import type { DockerfileError, DockerfileInstruction } from "./instruction.ts";

/** Flags that each instruction takes (moby/buildkit, frontend/dockerfile/instructions); `true`: it needs no value. */
const flagsOf: ReadonlyMap<string, ReadonlyMap<string, boolean>> = new Map([
  ["FROM", new Map([["platform", false]])],
  [
    "ADD",
    new Map([
      ["chown", false],
      ["chmod", false],
      ["link", true],
      ["keep-git-dir", true],
      ["checksum", false],
      ["unpack", true],
      ["exclude", false],
    ]),
  ],
  [
    "COPY",
    new Map([
      ["from", false],
      ["chown", false],
      ["chmod", false],
      ["link", true],
      ["parents", true],
      ["exclude", false],
    ]),
  ],
  [
    "RUN",
    new Map([
      ["mount", false],
      ["network", false],
      ["security", false],
      ["device", false],
    ]),
  ],
  [
    "HEALTHCHECK",
    new Map([
      ["interval", false],
      ["timeout", false],
      ["start-period", false],
      ["start-interval", false],
      ["retries", false],
    ]),
  ],
]);

/** How many arguments each instruction takes: at least, and at most. */
const argumentCounts: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["ADD", [2, Infinity]],
  ["ARG", [1, Infinity]],
  ["COPY", [2, Infinity]],
  ["ENV", [1, Infinity]],
  ["EXPOSE", [1, Infinity]],
  ["HEALTHCHECK", [1, Infinity]],
  ["LABEL", [1, Infinity]],
  ["MAINTAINER", [1, 1]],
  ["SHELL", [1, Infinity]],
  ["STOPSIGNAL", [1, 1]],
  ["USER", [1, 1]],
  ["VOLUME", [1, Infinity]],
  ["WORKDIR", [1, 1]],
]);

/** The errors for which BuildKit refuses instructions whose syntax is correct. */
export function checkInstructions(instructions: readonly DockerfileInstruction[]): readonly DockerfileError[] {
  const errors: DockerfileError[] = [];
  let inStage = false;
  for (const instruction of instructions) {
    if (instruction.cmd === "FROM") inStage = true;
    const message =
      instructionProblem(instruction) ??
      (inStage || instruction.cmd === "ARG" ? undefined : `${instruction.cmd} is before the first FROM`);
    if (message !== undefined) errors.push({ message, line: instruction.startLine });
  }
  if (!inStage && errors.length === 0 && instructions.length > 0)
    errors.push({ message: "the file has no FROM", line: 0 });
  return errors;
}

function instructionProblem(instruction: DockerfileInstruction): string | undefined {
  const { cmd, args } = instruction;
  if (!argumentReaders.has(cmd)) return `${instruction.keyword.slice(0, 60)} is no instruction`;
  const flag = flagProblem(instruction);
  if (flag !== undefined) return flag;
  const [least, most] = argumentCounts.get(cmd) ?? [0, Infinity];
  if (args.length < least || args.length > most)
    return `${cmd} needs ${least === most ? "exactly" : "at least"} ${least === 1 ? "one argument" : `${least} arguments`}`;
  switch (cmd) {
    case "FROM":
      return fromProblem(args);
    case "SHELL":
      return instruction.json === true ? undefined : "SHELL takes its arguments as a JSON list";
    case "HEALTHCHECK":
      return healthcheckProblem(args);
    case "ONBUILD":
      return onbuildProblem(instruction);
    case "ENV":
    case "LABEL":
      return args.some((arg, index) => index % 3 === 0 && arg === "")
        ? `${cmd} has a variable without a name`
        : undefined;
    case "ARG":
      return args.some((arg) => arg.startsWith("=")) ? "ARG has a variable without a name" : undefined;
    case "VOLUME":
      return args.includes("") ? "VOLUME has an empty path" : undefined;
    default:
      return undefined;
  }
}

function flagProblem({ cmd, flags = [] }: DockerfileInstruction): string | undefined {
  const known = flagsOf.get(cmd);
  const seen = new Set<string>();
  for (const flag of flags) {
    const equals = flag.indexOf("=");
    const name = flag.slice(2, equals === -1 ? undefined : equals);
    const boolean = known?.get(name);
    if (boolean === undefined) return `${cmd} has no flag --${name.slice(0, 40)}`;
    const repeatable = name === "mount" || name === "exclude" || name === "device";
    if (seen.has(name) && !repeatable) return `${cmd} has --${name} twice`;
    seen.add(name);
    if (equals === -1 && !boolean) return `--${name} of ${cmd} needs a value`;
    if (boolean && equals !== -1 && !/^=(true|false)$/i.test(flag.slice(equals)))
      return `--${name} of ${cmd} must be true or false`;
  }
  return undefined;
}

function fromProblem(args: readonly string[]): string | undefined {
  if (args.length === 1) return undefined;
  if (args.length !== 3 || args[1]?.toUpperCase() !== "AS") return "FROM takes an image, or an image AS a name";
  return /^[a-z][a-z0-9_.-]*$/.test((args[2] ?? "").toLowerCase())
    ? undefined
    : `${(args[2] ?? "").slice(0, 60)} is no name for a stage`;
}

function healthcheckProblem([type = "", ...command]: readonly string[]): string | undefined {
  switch (type.toUpperCase()) {
    case "NONE":
      return command.length === 0 ? undefined : "HEALTHCHECK NONE takes no arguments";
    case "CMD":
      return command.some((arg) => arg !== "") ? undefined : "HEALTHCHECK CMD needs a command";
    default:
      return `HEALTHCHECK must be CMD or NONE, not ${type.slice(0, 40)}`;
  }
}

function onbuildProblem({ sub }: DockerfileInstruction): string | undefined {
  if (sub === undefined) return "ONBUILD needs an instruction";
  if (sub.cmd === "ONBUILD" || sub.cmd === "FROM" || sub.cmd === "MAINTAINER") return `ONBUILD cannot hold ${sub.cmd}`;
  return instructionProblem(sub);
}
