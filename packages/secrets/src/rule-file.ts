/** What readers of rule files have in common. */

import { readyRule } from "./rule-set.ts";
import type { SecretRule } from "./secret-rule.ts";
import type { SkippedPath } from "./skipped-paths.ts";

/** A part of a rule file that was left out because it is invalid. */
export interface RuleFileProblem {
  /** The id of the rule, or `rule N` with its number in the file from 1; absent for problems of the whole file. */
  readonly rule?: string;
  /** What is wrong, in words that can follow the rule's name. */
  readonly message: string;
}

/** What was read from a file of rules. */
export interface SecretRuleFile {
  /** The rules as the file gives them; exemptions of the whole file are in each. */
  readonly rules: readonly SecretRule[];
  /** Paths that the file leaves out of the search as a whole. */
  readonly skippedPaths: readonly SkippedPath[];
  /** What was left out. */
  readonly problems: readonly RuleFileProblem[];
}

/** The longest rule file that is read, in UTF-16 units. */
export const longestRuleFile: number = 8 * 1024 * 1024;
const longestPattern = 64 * 1024;

/** Returns why a rule cannot be used; undefined if it can. Compiles all of its patterns. */
export function ruleProblem(rule: SecretRule): string | undefined {
  const patterns = [
    rule.pattern,
    rule.path,
    ...(rule.excludedBlocks ?? []),
    ...(rule.allowances ?? []).flatMap(({ paths = [], patterns: texts = [] }) => [...paths, ...texts]),
  ];
  for (const pattern of patterns) {
    if (pattern !== undefined && pattern.length > longestPattern) {
      return `a pattern of ${pattern.length} characters is longer than ${longestPattern}`;
    }
  }
  try {
    const { pattern } = readyRule(rule);
    if (typeof rule.secretGroup === "number" && rule.secretGroup > (pattern?.groupCount ?? 0)) {
      return `its pattern has no group ${rule.secretGroup}`;
    }
    if (typeof rule.secretGroup === "string" && pattern?.groupNames.has(rule.secretGroup) !== true) {
      return `its pattern has no group named ${rule.secretGroup}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns the strings of a list; a single string counts as a list of one. Calls `problem` for anything else, which is left out. */
export function textsOf(value: unknown, name: string, problem: (message: string) => void): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) {
    problem(`${name} must be a list`);
    return [];
  }
  const texts = value.filter((item): item is string => typeof item === "string");
  if (texts.length < value.length) problem(`${name} must hold strings only`);
  return texts;
}
