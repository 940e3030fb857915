import { fuzzAnalyzers } from "@plimsoll/testkit";
import { swift } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [".build/workspace-state.json", "Package.resolved"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(swift.analyzers, input, paths);
}
