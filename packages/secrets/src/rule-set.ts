/** Rules made ready to search with: keywords in one automaton, patterns compiled when first needed. */

import { compile, type Re2 } from "@plimsoll/re2";
import { compileGlob } from "@plimsoll/formats";
import { commentMarks, type SecretComment } from "./ignore-comments.ts";
import { KeywordSearch } from "./keyword-search.ts";
import type { SecretAllowance, SecretRule } from "./secret-rule.ts";

/** A rule whose patterns are ready. */
export interface ReadyRule {
  readonly rule: SecretRule;
  readonly pattern: Re2 | undefined;
  readonly path: Re2 | undefined;
  readonly excludedBlocks: readonly Re2[];
  readonly allowances: readonly ReadyAllowance[];
}

export interface ReadyAllowance {
  readonly allowance: SecretAllowance;
  readonly paths: readonly Re2[];
  readonly patterns: readonly Re2[];
  readonly stopWords: readonly string[];
}

/** Rules that are searched together. */
export class RuleSet {
  readonly rules: readonly SecretRule[];
  readonly keywords: readonly string[];
  readonly search: KeywordSearch;
  /** Numbers of the rules that a keyword belongs to. */
  readonly rulesOf: readonly (readonly number[])[];
  /** Numbers of the rules without keywords. */
  readonly always: readonly number[];
  /** Rules about files as such, whatever they hold, by number. */
  readonly wholeFiles: readonly (readonly [number: number, rule: SecretRule])[];
  private names: readonly string[] | undefined;
  private readonly ready: (ReadyRule | undefined)[] = [];

  constructor(rules: readonly SecretRule[]) {
    this.rules = rules;
    const byKeyword = new Map<string, number[]>();
    const always: number[] = [];
    for (const [number, { keywords }] of rules.entries()) {
      if (rules[number]?.pattern === undefined) continue;
      if (keywords.every((keyword) => keyword === "")) always.push(number);
      for (const keyword of new Set(keywords.map((one) => one.toLowerCase()))) {
        if (keyword === "") continue;
        const numbers = byKeyword.get(keyword);
        if (numbers === undefined) byKeyword.set(keyword, [number]);
        else numbers.push(number);
      }
    }
    this.always = always;
    this.wholeFiles = [...rules.entries()].filter(([, rule]) => rule.pattern === undefined && rule.path !== undefined);
    this.keywords = [...byKeyword.keys()];
    this.rulesOf = [...byKeyword.values()];
    // Comments about secrets are looked for in the same pass; their numbers follow those of the keywords.
    this.search = new KeywordSearch([...this.keywords, ...commentMarks]);
  }

  /** How many bytes the mark of a comment has, by its number in the search. */
  markLength(number: number): number {
    return commentMarks[number - this.keywords.length]?.length ?? 0;
  }

  /** Whether a comment can speak of one of these rules: many others are about checks of configurations. */
  isNamed({ ids }: SecretComment): boolean {
    if (ids === undefined) return true;
    this.names ??= this.rules.flatMap(({ id, aliases = [] }) => [id, ...aliases].map((name) => name.toLowerCase()));
    return ids.some((id) => !/^\*+$/.test(id) && this.names?.some(compileGlob(id)) === true);
  }

  /**
   * The rule of a number, its patterns compiled.
   * @throws {SyntaxError} If a pattern is none; readers of rule files have compiled theirs before.
   */
  rule(number: number): ReadyRule | undefined {
    const known = this.ready[number];
    if (known !== undefined) return known;
    const rule = this.rules[number];
    if (rule === undefined) return undefined;
    return (this.ready[number] = readyRule(rule));
  }
}

/** @throws {SyntaxError} If one of the rule's patterns is none. */
export function readyRule(rule: SecretRule): ReadyRule {
  return {
    rule,
    pattern: rule.pattern === undefined ? undefined : compile(rule.pattern),
    path: rule.path === undefined ? undefined : compile(rule.path),
    excludedBlocks: (rule.excludedBlocks ?? []).map((block) => compile(block)),
    allowances: (rule.allowances ?? []).map((allowance) => ({
      allowance,
      paths: (allowance.paths ?? []).map(shared),
      patterns: (allowance.patterns ?? []).map(shared),
      stopWords: (allowance.stopWords ?? []).map((word) => word.toLowerCase()),
    })),
  };
}

/** The allowances of a whole rule file are the same for each of its rules: compiled once. */
const compiled = new Map<string, Re2>();
const mostCompiled = 2000;

function shared(pattern: string): Re2 {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= mostCompiled) compiled.clear();
  const made = compile(pattern);
  compiled.set(pattern, made);
  return made;
}

const sets = new WeakMap<readonly SecretRule[], RuleSet>();

/** The set of a list of rules, made once for each list. */
export function ruleSetOf(rules: readonly SecretRule[]): RuleSet {
  const known = sets.get(rules);
  if (known !== undefined) return known;
  const set = new RuleSet(rules);
  sets.set(rules, set);
  return set;
}
