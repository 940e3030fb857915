import { fuzzAnalyzers } from "@plimsoll/testkit";
import { alpm } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["var/lib/pacman/local/a-1-1/desc", "var/lib/pacman/local/a-1-1/files"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(alpm.analyzers, input, paths);
}
