import { fuzzAnalyzers } from "@plimsoll/testkit";
import { chromeExtension } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["Default/Extensions/hlepfoohegkhhmjieoechaddaejaokhf/1.0_0/manifest.json"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(chromeExtension.analyzers, input, paths);
}
