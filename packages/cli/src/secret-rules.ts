import { compareText, ScanError } from "@plimsoll/model";
import type { Diagnostic, PartDetector } from "@plimsoll/model";
import type { RuleFileProblem, SecretRuleFile } from "@plimsoll/secrets";
import {
  everySecretRule,
  maskSecrets,
  readGitleaksRules,
  readTrivySecretConfig,
  secretDetector,
} from "@plimsoll/secrets";
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
 * @throws ScanError `malformed-document` when the file cannot be read, or none of its rules can be used.
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
      .map((problem) => `${secretConfig ?? ""}: ${problemText(problem)}`)
      .sort(compareText)
      // A rule that was asked for and is not searched by leaves something out.
      .map((message) => ({ kind: "diagnostic", code: "malformed-file", message, effect: "incomplete" })),
  };
}

function readRules(path: string): SecretRuleFile {
  const text = readText(path);
  const readFile = (other: string): string => readText(join(dirname(path), other));
  const file = /\.toml$/i.test(path)
    ? readGitleaksRules(text, { defaultRules: everySecretRule, readFile })
    : readTrivySecretConfig(text);
  // Without a rule nothing would be found, whatever is there.
  const [first] = file.problems;
  if (file.rules.length === 0 && first !== undefined)
    throw new ScanError({
      kind: "malformed-document",
      label: path,
      reason: `no rule of it can be used: ${problemText(first)}`,
    });
  return file;
}

/** A problem in words. It may quote a pattern, which may be a secret itself. */
function problemText({ rule, message }: RuleFileProblem): string {
  return maskSecrets(rule === undefined ? message : `rule ${rule}: ${message}`, { path: "" });
}

/** The fewest characters of a key: a shorter one could be found by trying. */
const shortestKey = 16;

function readKey(path: string): Uint8Array {
  const key = readText(path).trim();
  if (key.length < shortestKey)
    throw new UsageError(`The key in ${path} has ${key.length} characters; it needs at least ${shortestKey}`);
  return new TextEncoder().encode(key);
}
