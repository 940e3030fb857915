import type { DockerfileCheck, CheckHit } from "../check.ts";
import { dockerfileCheck } from "../shared/define.ts";
import { scriptOf } from "../shared/run-script.ts";
import { buildingBestPractices, instructionHit, packageCommand, runsOf } from "./instructions.ts";

const references = [buildingBestPractices];

/** What is said about a manager whose cache stays in the layer. */
interface CacheRule {
  readonly id: string;
  readonly name: string;
  readonly program: string;
  readonly installs: readonly string[];
  readonly cleans: (words: readonly string[], action: string) => boolean;
  readonly command: string;
}

const cacheRules: readonly CacheRule[] = [
  {
    id: "DS-0015",
    name: "purge-yum-package-cache",
    program: "yum",
    installs: ["install"],
    cleans: (words) => words.includes("all"),
    command: "yum clean all",
  },
  {
    id: "DS-0019",
    name: "purge-dnf-package-cache",
    program: "dnf",
    installs: ["install", "in", "reinstall", "rei", "install-n", "install-na", "install-nevra"],
    cleans: (words) => words.includes("clean") && words.includes("all"),
    command: "dnf clean all",
  },
  {
    id: "DS-0020",
    name: "purge-zipper-cache",
    program: "zypper",
    installs: ["install", "in", "remove", "rm", "source-install", "si", "patch"],
    cleans: (_, action) => action === "clean" || action === "cc",
    command: "zypper clean",
  },
  {
    id: "DS-0027",
    name: "purge-microdnf-package-cache",
    program: "microdnf",
    installs: ["install", "reinstall"],
    cleans: (words) => words.includes("clean") && words.includes("all"),
    command: "microdnf clean all",
  },
];

/** Flags of apt-get that take the next word, in short. */
const aptFlagsWithValue = ["-o", "-t", "-c", "-a"];

/** Flags with which apt-get only says what it would do (apt-get(8)): it asks nothing and installs nothing. */
const aptDryRuns = ["-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act", "--print-uris"];

function aptInstalls(words: readonly string[]): readonly string[] | undefined {
  const command = packageCommand(words, ["apt-get"]);
  if (command === undefined) return undefined;
  const action = command.words.find(
    (word, index) => !word.startsWith("-") && !aptFlagsWithValue.includes(command.words[index - 1] ?? ""),
  );
  const installs = action === "install" && !command.words.some((word) => aptDryRuns.includes(word));
  return installs ? command.words : undefined;
}

/** `-y`, also among other letters; twice quiet (`-qq`) says yes, too. */
function saysYes(words: readonly string[]): boolean {
  return words.some(
    (word) =>
      word === "--yes" ||
      word === "--assume-yes" ||
      /^-[a-zA-Z]*y[a-zA-Z]*$/.test(word) ||
      /^-[a-zA-Z]*q[a-zA-Z]*q[a-zA-Z]*$/.test(word) ||
      /^-q(?:=[2-9]|[2-9])$/.test(word),
  );
}

const updaters = ["apt-get", "apt", "yum", "apk", "dnf", "zypper"];
const updates = ["update", "up"];
const installers = ["upgrade", "install", "source-install", "reinstall", "groupinstall", "localinstall", "add"];

/** Package managers in `RUN`. */
export const packageChecks: readonly DockerfileCheck[] = [
  ...cacheRules.map((rule) =>
    dockerfileCheck({
      id: rule.id,
      name: rule.name,
      title: `Cache of ${rule.program} stays in the image`,
      severity: "HIGH",
      description: "What is downloaded and not removed in the same RUN makes the image larger for good.",
      remediation: `Add && ${rule.command} to the same RUN.`,
      references,
      *evaluate(dockerfile) {
        for (const { instruction, commands } of runsOf(dockerfile)) {
          const actions = commands.map((words) => packageCommand(words, [rule.program]));
          const install = actions.findLastIndex((each) => each !== undefined && rule.installs.includes(each.action));
          const clean = actions.findLastIndex((each) => each !== undefined && rule.cleans(each.words, each.action));
          if (install !== -1 && clean < install)
            yield instructionHit(dockerfile, instruction, `${rule.command} is missing after the last installation`);
        }
      },
    }),
  ),
  dockerfileCheck({
    id: "DS-0017",
    name: "no-orphan-package-update",
    title: "Package lists updated alone",
    severity: "HIGH",
    description:
      "A layer with nothing but package lists is kept by the build's cache, and later installations get old packages.",
    remediation: "Update and install in the same RUN.",
    references,
    *evaluate(dockerfile) {
      for (const { instruction, commands } of runsOf(dockerfile)) {
        const actions = commands.map((words) => packageCommand(words, updaters));
        const alone = actions.some((each, index) => {
          if (each === undefined || !updates.includes(each.action)) return false;
          const family = each.program.replace("apt-get", "apt");
          return !actions.some(
            (other, place) =>
              place > index &&
              other !== undefined &&
              other.program.replace("apt-get", "apt") === family &&
              installers.includes(other.action),
          );
        });
        if (alone) yield instructionHit(dockerfile, instruction, "package lists are updated and nothing is installed");
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0021",
    name: "use-apt-auto-confirm",
    title: "apt-get waits for an answer",
    severity: "HIGH",
    description: "Without -y apt-get install asks, nobody answers, and the build fails.",
    remediation: "Add -y to apt-get install.",
    references,
    evaluate: (dockerfile) =>
      aptProblem(dockerfile, (words) => (saysYes(words) ? undefined : "apt-get install has no -y"), " -y"),
  }),
  dockerfileCheck({
    id: "DS-0029",
    name: "use-apt-no-install-recommends",
    title: "apt-get installs what is only recommended",
    severity: "HIGH",
    description: "Recommended packages make the image larger and bring flaws of their own.",
    remediation: "Add --no-install-recommends to apt-get install.",
    references,
    evaluate: (dockerfile) =>
      aptProblem(
        dockerfile,
        (words) =>
          words.includes("--no-install-recommends") ||
          words.some((word) => /^(?:-o)?APT::Install-Recommends=(?:0|false)$/i.test(word.replaceAll('"', "")))
            ? undefined
            : "apt-get install has no --no-install-recommends",
        " --no-install-recommends",
      ),
  }),
  dockerfileCheck({
    id: "DS-0025",
    name: "purge-apk-package-cache",
    title: "Cache of apk stays in the image",
    severity: "HIGH",
    description: "Without --no-cache apk keeps the package index in the layer.",
    remediation: "Add --no-cache to apk add.",
    references,
    *evaluate(dockerfile) {
      for (const { instruction, commands } of runsOf(dockerfile))
        for (const words of commands) {
          const command = packageCommand(words, ["apk"]);
          if (command?.action === "add" && !command.words.includes("--no-cache")) {
            const text = addFlag(scriptText(instruction), "add", " --no-cache");
            yield instructionHit(
              dockerfile,
              instruction,
              "apk add has no --no-cache",
              text === undefined
                ? undefined
                : [{ kind: "replace", instruction: dockerfile.instructions.indexOf(instruction), text }],
            );
            break;
          }
        }
    },
  }),
];

function* aptProblem(
  dockerfile: Parameters<typeof runsOf>[0],
  problemOf: (words: readonly string[]) => string | undefined,
  flag: string,
): Generator<CheckHit> {
  for (const { instruction, commands } of runsOf(dockerfile))
    for (const words of commands) {
      const installs = aptInstalls(words);
      const problem = installs === undefined ? undefined : problemOf(installs);
      if (problem === undefined) continue;
      const text = addFlag(scriptText(instruction), "install", flag);
      yield instructionHit(
        dockerfile,
        instruction,
        problem,
        text === undefined
          ? undefined
          : [{ kind: "replace", instruction: dockerfile.instructions.indexOf(instruction), text }],
      );
      break;
    }
}

/** The script, where a fix can be written into it: one command in shell form. */
function scriptText(instruction: Parameters<typeof scriptOf>[0]): string | undefined {
  return instruction.json === true || instruction.heredocs !== undefined ? undefined : instruction.original;
}

/** The only occurrence of a word gets a flag behind it; undefined when there are several. */
function addFlag(text: string | undefined, word: string, flag: string): string | undefined {
  if (text === undefined) return undefined;
  const matches = [...text.matchAll(new RegExp(`\\s${word}(?=\\s)`, "g"))];
  const [only] = matches;
  if (only === undefined || matches.length > 1) return undefined;
  const end = only.index + only[0].length;
  return text.slice(0, end) + flag + text.slice(end);
}
