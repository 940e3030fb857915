import { fuzzAnalyzers } from "@plimsoll/testkit";
import { chocolatey } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["ProgramData/chocolatey/lib/a/a.nuspec"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(chocolatey.analyzers, input, paths);
}
