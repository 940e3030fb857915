import { fuzzAnalyzers } from "@plimsoll/testkit";
import { githubActions } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [".github/workflows/ci.yml", "action.yml"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(githubActions.analyzers, input, paths);
}
