import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { nuget } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "packages.config",
  "paket.lock",
  "paket.dependencies",
  "obj/project.assets.json",
  "app.csproj",
  "app.deps.json",
  "any.nuspec",
  "Directory.Packages.props",
  "Directory.Build.props",
  "packages.lock.json",
  "lib/Any.dll",
];

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, [
    "version",
    "dependencies",
    "net8.0",
    "type",
    "resolved",
    "requested",
    "contentHash",
    "targets",
    "libraries",
    "a/1.0.0",
    "path",
    "runtimeTarget",
    "name",
  ]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(nuget.analyzers, input, paths);
}
