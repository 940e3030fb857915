import { checkOptions, optionIs } from "@plimsoll/model";
import { isRecord, parseToml } from "@plimsoll/formats";
import { longestRuleFile, ruleProblem, textsOf, type RuleFileProblem, type SecretRuleFile } from "./rule-file.ts";
import { everySecretRule } from "./rules/index.ts";
import { readyRule } from "./rule-set.ts";
import type { SecretAllowance, SecretRule } from "./secret-rule.ts";

/** Options of {@link readGitleaksRules}: what `[extend]` refers to. */
export interface GitleaksRulesOptions {
  /** The rules that `useDefault = true` stands for. Default: {@link everySecretRule}. */
  readonly defaultRules?: readonly SecretRule[];
  /** Returns the text of the file that `[extend] path` names, or undefined if it does not exist. Absent: such a file is reported as a problem. */
  readonly readFile?: (path: string) => string | undefined;
}

/** How many levels deep files may extend each other, as in gitleaks. */
const deepestExtension = 2;

/**
 * Reads the rules of a `gitleaks.toml` (version 8: https://github.com/gitleaks/gitleaks#configuration). An invalid rule is left out and reported
 * as a problem; the others are used. Never throws on content.
 * @throws {TypeError} for unknown or invalid options.
 */
export function readGitleaksRules(text: string, options: GitleaksRulesOptions = {}): SecretRuleFile {
  checkOptions("readGitleaksRules", options, {
    defaultRules: optionIs.listOf(optionIs.object),
    readFile: optionIs.call,
  });
  const problems: RuleFileProblem[] = [];
  const { rules, allowances } = readFile(text, options, 0, problems);
  const everywhere = [...allowances];
  return {
    rules: rules.map((rule) =>
      withAllowances(
        rule,
        everywhere.filter(({ forRules }) => forRules === undefined || forRules.has(rule.id)),
      ),
    ),
    skippedPaths: [],
    problems,
  };
}

interface FileAllowance {
  readonly allowance: SecretAllowance;
  /** `targetRules`: the rules it is about; undefined: all. */
  readonly forRules: ReadonlySet<string> | undefined;
}

interface ReadFile {
  readonly rules: readonly SecretRule[];
  readonly allowances: readonly FileAllowance[];
}

function readFile(text: string, options: GitleaksRulesOptions, depth: number, problems: RuleFileProblem[]): ReadFile {
  const nothing: ReadFile = { rules: [], allowances: [] };
  if (text.length > longestRuleFile) {
    problems.push({ message: `the file is longer than ${longestRuleFile} characters` });
    return nothing;
  }
  let document: Readonly<Record<string, unknown>>;
  try {
    document = parseToml(text);
  } catch (error) {
    problems.push({ message: error instanceof Error ? error.message : String(error) });
    return nothing;
  }
  const own = new Map<string, SecretRule>();
  const listed = Array.isArray(document["rules"]) ? document["rules"] : [];
  if (document["rules"] !== undefined && !Array.isArray(document["rules"]))
    problems.push({ message: "rules must be a list of tables ([[rules]])" });
  const base = isRecord(document["extend"]) ? extended(document["extend"], options, depth, problems) : nothing;
  for (const [index, item] of listed.entries()) {
    const rule = readRule(item, index, new Map(base.rules.map((one) => [one.id, one])), problems);
    if (rule !== undefined) own.set(rule.id, rule);
  }
  const allowances = [
    document["allowlist"],
    ...(Array.isArray(document["allowlists"]) ? document["allowlists"] : []),
  ].flatMap((item) => {
    if (item === undefined) return [];
    const tell = (message: string) => problems.push({ message: `allowlist: ${message}` });
    const allowance = readAllowance(item, tell);
    if (allowance === undefined) return [];
    const unusable = allowanceProblem(allowance);
    if (unusable !== undefined) {
      tell(unusable);
      return [];
    }
    const targets = isRecord(item) ? textsOf(item["targetRules"], "targetRules", tell) : [];
    return [{ allowance, forRules: targets.length === 0 ? undefined : new Set(targets) }];
  });
  return {
    rules: [...base.rules.filter(({ id }) => !own.has(id)), ...own.values()],
    allowances: [...base.allowances, ...allowances],
  };
}

function extended(
  extend: Readonly<Record<string, unknown>>,
  options: GitleaksRulesOptions,
  depth: number,
  problems: RuleFileProblem[],
): ReadFile {
  const disabled = new Set(
    textsOf(extend["disabledRules"], "extend.disabledRules", (message) => problems.push({ message })),
  );
  const without = ({ rules, allowances }: ReadFile): ReadFile => ({
    rules: rules.filter(({ id, aliases = [] }) => !disabled.has(id) && !aliases.some((alias) => disabled.has(alias))),
    allowances,
  });
  if (extend["useDefault"] === true) return without({ rules: options.defaultRules ?? everySecretRule, allowances: [] });
  const path = extend["path"];
  if (typeof path !== "string" || path === "") return { rules: [], allowances: [] };
  if (depth >= deepestExtension) {
    problems.push({
      message: `extend: ${path} is not read: files may extend each other ${deepestExtension} levels deep`,
    });
    return { rules: [], allowances: [] };
  }
  const text = options.readFile?.(path);
  if (text === undefined) {
    problems.push({ message: `extend: ${path} cannot be read` });
    return { rules: [], allowances: [] };
  }
  return without(readFile(text, options, depth + 1, problems));
}

function readRule(
  item: unknown,
  index: number,
  bases: ReadonlyMap<string, SecretRule>,
  problems: RuleFileProblem[],
): SecretRule | undefined {
  const id = isRecord(item) && typeof item["id"] === "string" && item["id"] !== "" ? item["id"] : undefined;
  const name = id ?? `rule ${index + 1}`;
  const tell = (message: string) => {
    problems.push({ rule: name, message });
    return undefined;
  };
  if (!isRecord(item)) return tell("it must be a table");
  if (id === undefined) return tell("it has no id");
  // In a file that extends another, a rule of the same id changes what it names and keeps the rest.
  const base = bases.get(id);
  const { regex, path, secretGroup, entropy, description } = item;
  for (const [key, value] of Object.entries({ regex, path, description })) {
    if (value !== undefined && typeof value !== "string") return tell(`${key} must be a string`);
  }
  for (const [key, value] of Object.entries({ secretGroup, entropy })) {
    if (value !== undefined && !(typeof value === "number" || typeof value === "bigint"))
      return tell(`${key} must be a number`);
  }
  if (base === undefined && regex === undefined && path === undefined) return tell("it needs a regex or a path");
  const lists = [item["allowlist"], ...(Array.isArray(item["allowlists"]) ? item["allowlists"] : [])];
  const allowances = lists.flatMap((list) => (list === undefined ? [] : (readAllowance(list, tell) ?? [])));
  const keywords = textsOf(item["keywords"], "keywords", tell);
  const tags = textsOf(item["tags"], "tags", tell);
  // A new pattern is searched anywhere, whatever was known of where the old one can match.
  const { near, check, secretGroup: baseGroup, ...kept } = base ?? emptyRule(id);
  const rule: SecretRule = {
    ...kept,
    ...(regex === undefined && near !== undefined ? { near } : {}),
    ...(regex === undefined && check !== undefined ? { check } : {}),
    ...(regex === undefined && baseGroup !== undefined ? { secretGroup: baseGroup } : {}),
    ...(typeof description === "string" ? { title: description } : {}),
    ...(tags[0] === undefined ? {} : { category: tags[0] }),
    ...(typeof regex === "string" ? { pattern: regex } : {}),
    ...(typeof path === "string" ? { path } : {}),
    ...(secretGroup === undefined || Number(secretGroup) === 0 ? {} : { secretGroup: Number(secretGroup) }),
    ...(entropy === undefined || Number(entropy) === 0 ? {} : { minEntropy: Number(entropy) }),
    keywords: [...new Set([...kept.keywords, ...keywords])],
    allowances: [...(kept.allowances ?? []), ...allowances],
  };
  const problem = ruleProblem(rule);
  return problem === undefined ? rule : tell(problem);
}

function emptyRule(id: string): SecretRule {
  return { id, title: id, category: "gitleaks", severity: "HIGH", keywords: [], generic: id.startsWith("generic") };
}

const targets: Readonly<Record<string, SecretAllowance["target"]>> = {
  secret: "secret",
  match: "match",
  line: "line",
  "": "secret",
};

function readAllowance(item: unknown, tell: (message: string) => void): SecretAllowance | undefined {
  if (!isRecord(item)) {
    tell("an allowlist must be a table");
    return undefined;
  }
  const { condition = "OR", regexTarget = "secret" } = item;
  const all = typeof condition === "string" ? /^(?:AND|&&)$/i.test(condition) : undefined;
  if (all === undefined || (!all && !/^(?:OR|\|\|)?$/i.test(String(condition)))) {
    tell(`condition of an allowlist must be AND or OR, not ${String(condition)}`);
    return undefined;
  }
  const target = typeof regexTarget === "string" ? targets[regexTarget] : undefined;
  if (target === undefined) {
    tell(`regexTarget of an allowlist must be secret, match or line, not ${String(regexTarget)}`);
    return undefined;
  }
  return {
    condition: all ? "all" : "any",
    target,
    paths: textsOf(item["paths"], "paths", tell),
    patterns: textsOf(item["regexes"], "regexes", tell),
    stopWords: textsOf(item["stopwords"], "stopwords", tell),
    commits: textsOf(item["commits"], "commits", tell),
  };
}

function allowanceProblem(allowance: SecretAllowance): string | undefined {
  try {
    readyRule({ ...emptyRule("allowlist"), allowances: [allowance] });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function withAllowances(rule: SecretRule, more: readonly FileAllowance[]): SecretRule {
  if (more.length === 0) return rule;
  return { ...rule, allowances: [...(rule.allowances ?? []), ...more.map(({ allowance }) => allowance)] };
}
