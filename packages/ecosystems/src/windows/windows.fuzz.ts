import { fuzzAnalyzers } from "@plimsoll/testkit";
import { windows } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["Windows/System32/config/SOFTWARE", "Hives/Software_Delta"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(windows.analyzers, input, paths);
}
