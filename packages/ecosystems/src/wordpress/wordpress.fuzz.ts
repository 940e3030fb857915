import { fuzzAnalyzers } from "@plimsoll/testkit";
import { wordpress } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "wp-content/plugins/any/any.php",
  "wp-content/themes/any/style.css",
  "wp-includes/version.php",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(wordpress.analyzers, input, paths);
}
