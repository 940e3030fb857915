import { fuzzAnalyzers } from "@plimsoll/testkit";
import { portage } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "var/db/pkg/a/b-1/CONTENTS",
  "var/db/pkg/a/b-1/LICENSE",
  "var/db/pkg/a/b-1/PF",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(portage.analyzers, input, paths);
}
