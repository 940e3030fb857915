import { fuzzAnalyzers } from "@plimsoll/testkit";
import { julia } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["packages/Any/a1B2c/Project.toml", "app/Project.toml", "Manifest.toml"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(julia.analyzers, input, paths);
}
