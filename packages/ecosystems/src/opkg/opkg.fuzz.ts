import { fuzzAnalyzers } from "@plimsoll/testkit";
import { opkg } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["usr/lib/opkg/status", "usr/lib/opkg/info/a.list"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(opkg.analyzers, input, paths);
}
