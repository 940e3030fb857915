import { fuzzAnalyzers } from "@plimsoll/testkit";
import { homebrew } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "opt/Cellar/a/1.0/INSTALL_RECEIPT.json",
  "opt/Caskroom/a/.metadata/INSTALL_RECEIPT.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(homebrew.analyzers, input, paths);
}
