import { compareText } from "@plimsoll/model";
import type { Diagnostic, PartDetector } from "@plimsoll/model";
import { everySecretRule, readGitleaksRules, readTrivySecretConfig, secretDetector } from "@plimsoll/secrets";
import { dirname, join } from "node:path";
import { readText } from "./read-text.ts";

/** Flags about what secrets are and where they are looked for. */
export interface SecretFlags {
  readonly secretConfig?: string;
  readonly secretAllPaths?: boolean;
}

/** A detector of secrets as the flags ask for it, and what could not be understood of the rule file. */
export interface AskedDetector {
  readonly detector: PartDetector;
  readonly problems: readonly Diagnostic[];
}

/**
 * The detector that flags ask for; undefined where they ask for nothing special. A file whose name ends in `.toml` is gitleaks', any
 * other is Trivy's.
 * @throws ScanError `malformed-document` when the file cannot be read.
 */
export function detectorOf({ secretConfig, secretAllPaths }: SecretFlags): AskedDetector | undefined {
  if (secretConfig === undefined)
    return secretAllPaths === true ? { detector: secretDetector({ skippedPaths: [] }), problems: [] } : undefined;
  const text = readText(secretConfig);
  const readFile = (path: string): string => readText(join(dirname(secretConfig), path));
  const read = /\.toml$/i.test(secretConfig)
    ? readGitleaksRules(text, { defaultRules: everySecretRule, readFile })
    : readTrivySecretConfig(text);
  return {
    detector: secretDetector({ rules: read.rules, skippedPaths: secretAllPaths === true ? [] : read.skippedPaths }),
    problems: read.problems
      .map(({ rule, message }) => `${secretConfig}: ${rule === undefined ? "" : `rule ${rule}: `}${message}`)
      .sort(compareText)
      .map((message) => ({ kind: "diagnostic", code: "malformed-file", message, effect: "none" })),
  };
}
