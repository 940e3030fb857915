import { oddProgram } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { elfNotes } from "./elf/elf.ts";
import { contentOf } from "./executable.ts";
import { FormatError } from "./format-error.ts";
import { readExecutables } from "./open-executable.ts";

/** Programs whose tables are where they belong and say odd things. */
export function make(random: Random): Uint8Array {
  return oddProgram(random);
}

/** Programs of any kind: sections stay inside the file. */
export function fuzz(input: Uint8Array): void {
  try {
    for (const program of readExecutables(input))
      for (const section of [...program.sections, ...program.segments]) {
        const content = contentOf(program, section);
        if (content.length !== section.size) throw new Error(`section ${section.name} reaches outside of the file`);
        if (section.name.startsWith(".note")) elfNotes(content, program.littleEndian);
      }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
