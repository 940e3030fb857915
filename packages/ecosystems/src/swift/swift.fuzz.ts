import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { swift } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [".build/workspace-state.json", "Package.resolved"];

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, [
    "pins",
    "object",
    "identity",
    "location",
    "state",
    "version",
    "revision",
    "branch",
    "kind",
    "package",
    "repositoryURL",
  ]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(swift.analyzers, input, paths);
}
