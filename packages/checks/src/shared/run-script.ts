import type { DockerfileInstruction } from "@plimsoll/configs";
import { scriptOfShell } from "./shell-commands.ts";

/** The script that `RUN` runs: its text, its here-documents, or the words of its JSON form. */
export function scriptOf({ args, heredocs, json }: DockerfileInstruction): string {
  if (heredocs !== undefined && heredocs.length > 0 && (args[0] ?? "").trimStart().startsWith("<<"))
    return heredocs.map(({ content }) => content).join("\n");
  // A shell in JSON form is how the shell form is run: its script is that of RUN.
  return json === true ? (scriptOfShell(args) ?? args.join(" ")) : (args[0] ?? "");
}
