import { fuzzAnalyzers } from "@plimsoll/testkit";
import { composer } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["vendor/composer/installed.json", "composer.lock"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(composer.analyzers, input, paths);
}
