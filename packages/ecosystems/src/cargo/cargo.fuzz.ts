import { fuzzAnalyzers } from "@plimsoll/testkit";
import { cargo } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["bin/any", "Cargo.lock", "Cargo.toml"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(cargo.analyzers, input, paths);
}
