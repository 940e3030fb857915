import { fuzzAnalyzers } from "@plimsoll/testkit";
import { netscaler } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["netscaler/nsversion", "nsconfig/ns.conf", "flash/boot/loader.conf"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(netscaler.analyzers, input, paths);
}
