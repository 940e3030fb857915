import { fuzzAnalyzers } from "@plimsoll/testkit";
import { embeddedSbom } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["a.cdx.json", "a.cdx.xml", "a.spdx", "a.spdx.yml", "a.syft.json", "bin/app"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(embeddedSbom.analyzers, input, paths);
}
