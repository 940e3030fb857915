import { fuzzAnalyzers } from "@plimsoll/testkit";
import { flatpak } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "flatpak/app/x/files/share/metainfo/org.x.metainfo.xml",
  "var/lib/flatpak/runtime/org.x.Platform/x86_64/23.08/abc/metadata",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(flatpak.analyzers, input, paths);
}
