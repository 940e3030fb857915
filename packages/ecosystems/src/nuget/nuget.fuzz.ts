import { fuzzAnalyzers } from "@plimsoll/testkit";
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
  "packages.lock.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(nuget.analyzers, input, paths);
}
