import { fuzzAnalyzers } from "@plimsoll/testkit";
import { slackware } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["var/lib/pkgtools/packages/a-1.0-x86_64-1", "etc/os-release"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(slackware.analyzers, input, paths);
}
