import { fuzzAnalyzers } from "@plimsoll/testkit";
import { gem } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["specifications/any-1.0.gemspec", "Gemfile.lock"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(gem.analyzers, input, paths);
}
