import type { Severity } from "@plimsoll/model";

/** An exemption: which matches of a rule are not reported. */
export interface SecretAllowance {
  /** The id by which a configuration can disable it; absent if it cannot be disabled. */
  readonly id?: string;
  /** Whether one of the parts below is enough (`any`, the default) or all that are given must hold. */
  readonly condition?: "any" | "all";
  /** Patterns (RE2) of paths. */
  readonly paths?: readonly string[];
  /** Patterns (RE2) of the text that `target` names. */
  readonly patterns?: readonly string[];
  /** What `patterns` and `stopWords` look at: the secret itself (default), the whole match of the rule, or its lines. */
  readonly target?: "secret" | "match" | "line";
  /** Words that a secret contains if it is not a real one, whatever their case. */
  readonly stopWords?: readonly string[];
  /** Commits whose content is not reported; used only where a history is searched. */
  readonly commits?: readonly string[];
}

/** A check of a secret's form beyond its pattern, such as a checksum. It decides the confidence of a finding, and never drops it. */
export type SecretCheckName = "base62-crc32" | "base36-crc32" | "json-web-token" | "base64-length" | "luhn";

/** How far from a keyword a match may reach, in bytes. */
export interface KeywordReach {
  readonly before: number;
  readonly after: number;
  /** Whether the keyword is a name that a value is assigned to, so that it counts only where an assignment follows. Default false. */
  readonly assignment?: boolean;
}

/** A rule that finds one kind of secret. It is plain data, so that rules can be stored, added and replaced. */
export interface SecretRule {
  /** The id under which findings are reported: `github-pat`. */
  readonly id: string;
  /** The ids of the same kind of secret in other scanners. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** Whose secret it is: `AWS`, `GitHub`. */
  readonly category: string;
  readonly severity: Severity;
  /** A file is searched by the rule if it contains one of these texts, whatever their case. Empty: every file is searched. */
  readonly keywords: readonly string[];
  /** The pattern (RE2) of a match. Absent: any file whose path matches `path` is itself the finding. */
  readonly pattern?: string;
  /** The number or name of the group that is the secret; 0 is the whole match. Absent: the first group that is not empty, else the whole match. */
  readonly secretGroup?: number | string;
  /** The Shannon entropy, in bits per character, that the secret must exceed. Absent: any. */
  readonly minEntropy?: number;
  /** The pattern (RE2) of the paths that the rule is for. Absent: all. */
  readonly path?: string;
  readonly allowances?: readonly SecretAllowance[];
  /** Patterns (RE2) of parts of a file in which nothing is reported. */
  readonly excludedBlocks?: readonly string[];
  readonly check?: SecretCheckName;
  /** How far matches reach from a keyword that they contain. Absent: a file that contains a keyword is searched as a whole. */
  readonly near?: KeywordReach;
  /** Whether findings are dropped where a rule that is not generic finds something at the same place. Default false. */
  readonly generic?: boolean;
  /** Whether values that are obviously not secrets (placeholders, references to variables, one character repeated) are dropped. Default false. */
  readonly ignorePlaceholders?: boolean;
}
