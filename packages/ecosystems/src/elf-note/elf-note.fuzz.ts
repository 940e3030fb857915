import { fuzzAnalyzers } from "@plimsoll/testkit";
import { elfNote } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["bin/any"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(elfNote.analyzers, input, paths);
}
