import { fuzzAnalyzers, oddProgram } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { elfNote } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["bin/any"];

/** Programs whose tables are where they belong and say odd things. */
export function make(random: Random): Uint8Array {
  return oddProgram(random);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(elfNote.analyzers, input, paths);
}
