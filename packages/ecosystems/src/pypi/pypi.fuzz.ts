import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { pypi } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "site/any-1.0.dist-info/METADATA",
  "site/any-1.0.dist-info/RECORD",
  "any.egg-info",
  "requirements.txt",
  "Pipfile.lock",
  "poetry.lock",
  "uv.lock",
  "pdm.lock",
  "pylock.toml",
  "pyproject.toml",
  "setup.py",
  "site/any-1.0.dist-info/direct_url.json",
  "any.egg",
  "environment.yml",
  "pixi.lock",
];

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, [
    "default",
    "develop",
    "version",
    "hashes",
    "name",
    "package",
    "dependencies",
    "metadata",
    "Name",
    "Version",
    "_meta",
  ]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(pypi.analyzers, input, paths);
}
