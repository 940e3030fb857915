import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { composer } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "vendor/composer/installed.json",
  "composer.lock",
  "modules/any/any.info.yml",
  "modules/any/any.info",
  "core/lib/Drupal.php",
];

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, [
    "packages",
    "packages-dev",
    "name",
    "version",
    "require",
    "source",
    "reference",
    "license",
    "type",
    "dev-package-names",
  ]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(composer.analyzers, input, paths);
}
