import { fuzzAnalyzers } from "@plimsoll/testkit";
import { kernel } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "boot/vmlinuz-6.1",
  "lib/modules/6.1/extra/any.ko",
  "lib/modules/6.1/any.ko.zst",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(kernel.analyzers, input, paths);
}
