import { fuzzAnalyzers } from "@plimsoll/testkit";
import { xbps } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["var/db/xbps/pkgdb-0.38.plist", "etc/os-release"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(xbps.analyzers, input, paths);
}
