import { fuzzAnalyzers } from "@plimsoll/testkit";
import { hackage } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "package.conf.d/any.conf",
  "cabal.project.freeze",
  "stack.yaml.lock",
  "stack.yaml",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(hackage.analyzers, input, paths);
}
