/**
 * Finds secrets in files: rules, their positions, and masked text that does not reveal them.
 * @module
 */
export { findSecrets, openSecretSearch, searchSecrets } from "./find-secrets.ts";
export type {
  FindSecretsOptions,
  FoundSecret,
  IgnoredSecret,
  SecretConfidence,
  SecretSearch,
  SecretSearchResult,
} from "./find-secrets.ts";
export { everySecretRule } from "./rules/index.ts";
export type { KeywordReach, SecretAllowance, SecretCheckName, SecretRule } from "./secret-rule.ts";
export { defaultSkippedPaths } from "./skipped-paths.ts";
export type { SkippedPath } from "./skipped-paths.ts";
export { readGitleaksRules } from "./gitleaks-rules.ts";
export type { GitleaksRulesOptions } from "./gitleaks-rules.ts";
export { readTrivySecretConfig } from "./trivy-secret-config.ts";
export type { TrivySecretConfigOptions } from "./trivy-secret-config.ts";
export type { RuleFileProblem, SecretRuleFile } from "./rule-file.ts";
export type { SecretComment } from "./ignore-comments.ts";
export { maskSecrets } from "./mask-secrets.ts";
export { secretDetector, secretFindings } from "./detector.ts";
export type { SecretDetectorOptions } from "./detector.ts";
