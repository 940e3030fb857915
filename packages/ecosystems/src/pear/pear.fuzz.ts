import { fuzzAnalyzers } from "@plimsoll/testkit";
import { pear } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["usr/local/lib/php/.registry/.channel.pecl.php.net/any.reg"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(pear.analyzers, input, paths);
}
