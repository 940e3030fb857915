import { compareText } from "@plimsoll/model";
import type { Diagnostic, PartDetector } from "@plimsoll/model";
import type { SecretRuleFile } from "@plimsoll/secrets";
import { everySecretRule, readGitleaksRules, readTrivySecretConfig, secretDetector } from "@plimsoll/secrets";
import { dirname, join } from "node:path";
import { UsageError } from "./command-line.ts";
import { readText } from "./read-text.ts";

/** Flags of the secret scanner: rules and paths. */
export interface SecretFlags {
  readonly secretConfig?: string;
  readonly secretAllPaths?: boolean;
  readonly secretArchives?: boolean;
  /** Path of a file with the key. */
  readonly fingerprintKey?: string;
}

/** The secret detector that the flags request, and problems in the rule file. */
export interface AskedDetector {
  readonly detector: PartDetector;
  readonly problems: readonly Diagnostic[];
}

/**
 * The detector that the flags request; undefined for the default one. A file whose name ends in `.toml` is read as gitleaks' configuration, any
 * other as Trivy's.
 * @throws ScanError `malformed-document` when the file cannot be read.
 */
export function detectorOf(flags: SecretFlags): AskedDetector | undefined {
  const { secretConfig, secretAllPaths = false, secretArchives = false } = flags;
  if (secretConfig === undefined && !secretAllPaths && !secretArchives && flags.fingerprintKey === undefined)
    return undefined;
  const file = secretConfig === undefined ? undefined : readRules(secretConfig);
  return {
    detector: secretDetector({
      ...(file === undefined ? {} : { rules: file.rules, skippedPaths: file.skippedPaths }),
      ...(secretAllPaths ? { skippedPaths: [] } : {}),
      archives: secretArchives,
      fingerprintKey: flags.fingerprintKey === undefined ? undefined : readKey(flags.fingerprintKey),
    }),
    problems: (file?.problems ?? [])
      .map(({ rule, message }) => `${secretConfig ?? ""}: ${rule === undefined ? "" : `rule ${rule}: `}${message}`)
      .sort(compareText)
      .map((message) => ({ kind: "diagnostic", code: "malformed-file", message, effect: "none" })),
  };
}

function readRules(path: string): SecretRuleFile {
  const text = readText(path);
  const readFile = (other: string): string => readText(join(dirname(path), other));
  return /\.toml$/i.test(path)
    ? readGitleaksRules(text, { defaultRules: everySecretRule, readFile })
    : readTrivySecretConfig(text);
}

/** The fewest characters of a key: a shorter one could be found by trying. */
const shortestKey = 16;

function readKey(path: string): Uint8Array {
  const key = readText(path).trim();
  if (key.length < shortestKey)
    throw new UsageError(`The key in ${path} has ${key.length} characters; it needs at least ${shortestKey}`);
  return new TextEncoder().encode(key);
}
