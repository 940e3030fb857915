import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
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

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, [
    "packages",
    "dependencies",
    "lockfileVersion",
    "version",
    "name",
    "resolved",
    "integrity",
    "requires",
    "node_modules/a",
    "workspaces",
    "specifiers",
    "npm",
    "dev",
    "optional",
    "peer",
    "link",
    "3",
  ]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(npm.analyzers, input, paths);
}
