import type { Severity } from "@plimsoll/model";

/** Which matches of a rule are not reported. */
export interface SecretAllowance {
  /** A name under which it can be switched off, where it has one. */
  readonly id?: string;
  /** Whether one of the parts below is enough (`any`, the default) or all that are given must hold. */
  readonly condition?: "any" | "all";
  /** Patterns (RE2) of paths. */
  readonly paths?: readonly string[];
  /** Patterns (RE2) of the text that `target` names. */
  readonly patterns?: readonly string[];
  /** What `patterns` and `stopWords` look at: the secret itself (default), the whole match of the rule, or its lines. */
  readonly target?: "secret" | "match" | "line";
  /** Words, in any case, that show anywhere in the secret that it is none. */
  readonly stopWords?: readonly string[];
  /** Commits whose content is not reported; used only where a history is searched. */
  readonly commits?: readonly string[];
}

/** A check of a secret's form beyond its pattern: a wrong result makes the finding less sure, it does not hide it. */
export type SecretCheckName = "base62-crc32" | "base36-crc32" | "json-web-token" | "base64-length" | "luhn";

/** Where around a keyword a match can lie, in bytes. */
export interface KeywordReach {
  readonly before: number;
  readonly after: number;
  /** The keyword is a name that a value is assigned to: looked at only where an assignment follows. */
  readonly assignment?: boolean;
}

/** What finds one kind of secret. Data: rules can be written, stored, added, replaced and left out. */
export interface SecretRule {
  /** The name under which it is reported. */
  readonly id: string;
  /** Names that other scanners have for the same kind. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** Whose secret it is: "AWS", "GitHub"… */
  readonly category: string;
  readonly severity: Severity;
  /** Texts of which a file must hold one, in any case of letters, for the rule to be looked at. None: every file is. */
  readonly keywords: readonly string[];
  /** What matches (RE2). Absent: a file with the right path is itself the secret. */
  readonly pattern?: string;
  /** Number or name of the group that is the secret, 0 for the whole match. Absent: the first group that took part, else the whole. */
  readonly secretGroup?: number | string;
  /** Shannon entropy in bits a character that the secret must exceed. */
  readonly minEntropy?: number;
  /** Pattern (RE2) of the paths that the rule is about. */
  readonly path?: string;
  readonly allowances?: readonly SecretAllowance[];
  /** Patterns (RE2) of stretches of a file in which nothing is found. */
  readonly excludedBlocks?: readonly string[];
  readonly check?: SecretCheckName;
  /** Matches hold a keyword and reach no further than this. Absent: the whole file is searched once it holds a keyword. */
  readonly near?: KeywordReach;
  /** Findings are dropped where another rule finds something at the same place. */
  readonly generic?: boolean;
  /** Values that are plainly no secrets (placeholders, references, one character repeated) are not reported. Default false. */
  readonly ignorePlaceholders?: boolean;
}
