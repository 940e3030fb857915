import { fuzzAnalyzers } from "@plimsoll/testkit";
import { npm } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "app/node_modules/any/package.json",
  ".yarn/cache/any.zip",
  "package-lock.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "deno.lock",
  "deno.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(npm.analyzers, input, paths);
}
