import type { AnyConfigDocument, Dockerfile, DockerfileInstruction } from "@plimsoll/configs";
import type { ObjectPath } from "@plimsoll/kubernetes";
import { scriptOf } from "../shared/run-script.ts";

/** A Dockerfile as Trivy shows it to checks: `input.Stages[_].Commands[_]`. */
export function dockerfileInput(dockerfile: Dockerfile, path: string): unknown {
  const [firstStage] = dockerfile.stages;
  const before = dockerfile.instructions.slice(
    0,
    firstStage === undefined ? undefined : dockerfile.instructions.indexOf(firstStage.from),
  );
  return {
    Stages: dockerfile.stages.map((stage, index) => ({
      Name: stage.from.args.join(" "),
      // Arguments in front of the first FROM belong to the first stage.
      Commands: [...(index === 0 ? before : []), stage.from, ...stage.instructions].map((instruction) =>
        command(instruction, index, path),
      ),
    })),
  };
}

function command(instruction: DockerfileInstruction, stage: number, path: string): unknown {
  const { cmd, flags = [], args, json, sub, original, startLine, endLine, heredocs } = instruction;
  return {
    Cmd: cmd.toLowerCase(),
    SubCmd: sub === undefined ? "" : sub.cmd.toLowerCase(),
    Flags: flags,
    Value: heredocs !== undefined && cmd === "RUN" ? [scriptOf(instruction)] : (sub?.args ?? args),
    Original: original,
    JSON: json === true,
    Stage: stage,
    Path: path,
    StartLine: startLine,
    EndLine: endLine,
  };
}

/** How deep and how large a value with positions may be. */
const maxDepth = 200;
const maxValues = 2_000_000;

/**
 * A value whose mappings have their lines, as Trivy's checks expect them: `__defsec_metadata` in each. Aliases are written out, up to a
 * bound.
 */
export function positionedInput(document: AnyConfigDocument, value: unknown, path: ObjectPath): unknown {
  let count = 0;
  const copy = (part: unknown, at: (string | number)[]): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (++count > maxValues || at.length > maxDepth)
      throw new RangeError("the document is too large for checks in Rego");
    if (Array.isArray(part)) return part.map((each, index) => copy(each, [...at, index]));
    const members = Object.entries(part).map(([key, each]) => [key, copy(each, [...at, key])] as const);
    const range = document.at(at);
    const metadata = {
      startline: range?.line ?? 0,
      endline: range?.endLine ?? 0,
      filepath: document.path,
      offset: 0,
    };
    return Object.fromEntries([...members, ["__defsec_metadata", metadata]]);
  };
  return copy(value, [...path]);
}
