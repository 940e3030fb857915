import type { DockerfileInstruction } from "@plimsoll/configs";

/** The script that `RUN` runs: its text, its here-documents, or the words of its JSON form. */
export function scriptOf({ args, heredocs, json }: DockerfileInstruction): string {
  if (heredocs !== undefined && heredocs.length > 0 && (args[0] ?? "").trimStart().startsWith("<<"))
    return heredocs.map(({ content }) => content).join("\n");
  return json === true ? args.join(" ") : (args[0] ?? "");
}
