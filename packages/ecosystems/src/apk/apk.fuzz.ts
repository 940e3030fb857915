import { fuzzAnalyzers } from "@plimsoll/testkit";
import { apk } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "lib/apk/db/installed",
  "etc/apk/repositories",
  "etc/os-release",
  "etc/redhat-release",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(apk.analyzers, input, paths);
}
