import { ExpansionError, expandWord } from "@plimsoll/configs";
import type { Dockerfile } from "@plimsoll/configs";
import type { DockerfileCheck } from "../check.ts";
import { dockerfileCheck } from "../shared/define.ts";
import { buildingBestPractices, dockerfileReference, instructionHit, stageInstructions } from "./instructions.ts";

/** Base images and stages. */
export const stageChecks: readonly DockerfileCheck[] = [
  dockerfileCheck({
    id: "DS-0001",
    name: "use-specific-tags",
    title: "Base image without a fixed tag",
    severity: "MEDIUM",
    description: "A build from latest, or from no tag, gives another image every time the base is pushed.",
    remediation: "Name a tag in FROM, best with a digest.",
    references: [buildingBestPractices],
    *evaluate(dockerfile) {
      const names = new Set(dockerfile.stages.map(({ name }) => name));
      for (const { base, from } of dockerfile.stages) {
        const image = expandBase(dockerfile, base);
        if (image === undefined || image === "" || image === "scratch" || image.includes("@")) continue;
        if (names.has(image.toLowerCase())) continue;
        const last = image.slice(image.lastIndexOf("/") + 1);
        const colon = last.lastIndexOf(":");
        const tag = colon === -1 ? "latest" : last.slice(colon + 1);
        if (tag === "latest")
          yield instructionHit(dockerfile, from, `the base image ${image.slice(0, 120)} has no fixed tag`);
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0006",
    name: "no-self-referencing-copy-from",
    title: "COPY from its own stage",
    severity: "CRITICAL",
    description: "A stage cannot copy from itself: the build fails.",
    remediation: "Name another stage in --from, or leave --from out.",
    references: [`${dockerfileReference}#copy---from`],
    *evaluate(dockerfile) {
      for (const stage of dockerfile.stages)
        for (const copy of stageInstructions(stage, "COPY")) {
          const from = copy.flags?.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
          if (from !== undefined && stage.name !== "" && from.toLowerCase() === stage.name)
            yield instructionHit(dockerfile, copy, `the stage ${stage.name} copies from itself`);
        }
    },
  }),
  dockerfileCheck({
    id: "DS-0012",
    name: "no-duplicate-alias",
    title: "Two stages of the same name",
    severity: "CRITICAL",
    description: "Only one of two stages of a name can be meant, and which one is easily mistaken.",
    remediation: "Give each stage a name of its own.",
    references: [`${dockerfileReference}#from`],
    *evaluate(dockerfile) {
      const { stages } = dockerfile;
      for (const [index, { name, from }] of stages.entries())
        if (name !== "" && stages.some((other, place) => place > index && other.name === name))
          yield instructionHit(dockerfile, from, `another stage is called ${name.slice(0, 60)}, too`);
    },
  }),
];

/** The base with the defaults of the arguments before the first `FROM`; undefined where an argument has none. */
function expandBase(dockerfile: Dockerfile, base: string): string | undefined {
  if (!base.includes("$")) return base;
  const variables = new Map<string, string>();
  for (const { cmd, args } of dockerfile.instructions) {
    if (cmd === "FROM") break;
    if (cmd !== "ARG") continue;
    for (const arg of args) {
      const equals = arg.indexOf("=");
      if (equals === -1) continue;
      const value = expand(arg.slice(equals + 1), variables, dockerfile.escape);
      if (value !== undefined) variables.set(arg.slice(0, equals), value);
    }
  }
  return expand(base, variables, dockerfile.escape);
}

/** Undefined: a variable has no value that can be known. */
function expand(text: string, variables: ReadonlyMap<string, string>, escape: "\\" | "`"): string | undefined {
  try {
    const { text: expanded, unset } = expandWord(text, variables, escape);
    if (unset.length === 0) return expanded;
    // A registry in a variable says nothing about the tag: `$REGISTRY/app:latest`.
    const unknown = new Map([...variables, ...unset.map((name) => [name, "unknown.invalid"] as const)]);
    const guess = expandWord(text, unknown, escape).text;
    const name = guess.slice(guess.lastIndexOf("/") + 1);
    return name.includes("unknown.invalid") ? undefined : guess;
  } catch (error) {
    if (error instanceof ExpansionError) return undefined;
    throw error;
  }
}
