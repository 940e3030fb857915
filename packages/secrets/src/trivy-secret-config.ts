import { compileGlob, isRecord, parseYaml } from "@plimsoll/formats";
import { severities, type Severity, checkOptions, optionIs } from "@plimsoll/model";
import { longestRuleFile, ruleProblem, textsOf, type RuleFileProblem, type SecretRuleFile } from "./rule-file.ts";
import { everySecretRule } from "./rules/index.ts";
import type { SecretAllowance, SecretRule } from "./secret-rule.ts";
import { defaultSkippedPaths } from "./skipped-paths.ts";

/** Options of {@link readTrivySecretConfig}. */
export interface TrivySecretConfigOptions {
  /** The rules that are built in. Default: {@link everySecretRule}. */
  readonly builtinRules?: readonly SecretRule[];
}

/** Trivy's built-in allow rules, which a configuration can disable by these ids. */
const builtinAllowances: readonly SecretAllowance[] = [
  { id: "tests", paths: ["^(?i)test|/test|-test|_test|\\.test"] },
  { id: "examples", paths: ["example"], patterns: ["(?i)example"], target: "match" },
  { id: "vendor", paths: ["/vendor/"] },
  { id: "usr-dirs", paths: ["^usr/(?:share|include|lib)/"] },
  { id: "locale-dir", paths: ["/locales?/"] },
  { id: "markdown", paths: ["\\.md$"] },
  { id: "node.js", paths: ["^opt/yarn-v[\\d.]+/"] },
  { id: "golang", paths: ["^usr/local/go/"] },
  { id: "python", paths: ["^usr/local/lib/python[\\d.]+/"] },
  { id: "rubygems", paths: ["^usr/lib/gems/"] },
  { id: "wordpress", paths: ["^usr/src/wordpress/"] },
  { id: "anaconda-log", paths: ["^var/log/anaconda/"] },
  { id: "dist-info", paths: ["\\.dist-info/"] },
];

const knownKeys = new Set([
  "rules",
  "allow-rules",
  "disable-rules",
  "disable-allow-rules",
  "enable-builtin-rules",
  "exclude-block",
  "skip-patterns",
]);

/**
 * Reads the rules of a `trivy-secret.yaml` (https://trivy.dev/docs/latest/scanner/secret/#configuration): the built-in rules that it does not
 * disable, its own rules, and the allow rules for both. An invalid rule is left out and reported as a problem. Never throws on content.
 * @throws {TypeError} for unknown or invalid options.
 */
export function readTrivySecretConfig(text: string, options: TrivySecretConfigOptions = {}): SecretRuleFile {
  checkOptions("readTrivySecretConfig", options, { builtinRules: optionIs.listOf(optionIs.object) });
  const problems: RuleFileProblem[] = [];
  const tell = (message: string) => {
    problems.push({ message });
  };
  const builtin = options.builtinRules ?? everySecretRule;
  const document = readDocument(text, tell);
  for (const key of Object.keys(document)) if (!knownKeys.has(key)) tell(`unknown key ${key}`);

  const enabled = new Set(textsOf(document["enable-builtin-rules"], "enable-builtin-rules", tell));
  const disabled = new Set(textsOf(document["disable-rules"], "disable-rules", tell));
  const disabledAllowances = new Set(textsOf(document["disable-allow-rules"], "disable-allow-rules", tell));
  const named = (names: ReadonlySet<string>) => (rule: SecretRule) =>
    names.has(rule.id) || (rule.aliases ?? []).some((alias) => names.has(alias));
  for (const name of [...enabled, ...disabled]) {
    const own =
      Array.isArray(document["rules"]) && document["rules"].some((rule) => isRecord(rule) && rule["id"] === name);
    if (!own && !builtin.some(named(new Set([name])))) tell(`there is no rule named ${name}`);
  }

  const custom = listOf(document["rules"], "rules", tell).flatMap((item, index) => readRule(item, index, problems));
  const rules = [...builtin.filter((rule) => enabled.size === 0 || named(enabled)(rule)), ...custom].filter(
    (rule) => !named(disabled)(rule),
  );
  const allowances = [
    ...builtinAllowances,
    ...listOf(document["allow-rules"], "allow-rules", tell).flatMap((item) => readAllowance(item, tell) ?? []),
  ].filter(({ id }) => id === undefined || !disabledAllowances.has(id));
  const blocks = readBlocks(document["exclude-block"], tell);
  const usable = allowances.filter((allowance) => {
    const problem = ruleProblem({ ...emptyRule("allow-rules"), allowances: [allowance] });
    if (problem !== undefined) tell(`allow-rules: ${allowance.id ?? ""} ${problem}`);
    return problem === undefined;
  });
  const skipped =
    document["skip-patterns"] === undefined ? undefined : textsOf(document["skip-patterns"], "skip-patterns", tell);
  return {
    rules: rules.map((rule) => ({
      ...rule,
      allowances: [...(rule.allowances ?? []), ...usable],
      ...(blocks.length + (rule.excludedBlocks ?? []).length === 0
        ? {}
        : { excludedBlocks: [...(rule.excludedBlocks ?? []), ...blocks] }),
    })),
    skippedPaths:
      skipped === undefined ? defaultSkippedPaths : skipped.flatMap((glob, index) => globPath(glob, index, tell)),
    problems,
  };
}

function readDocument(text: string, tell: (message: string) => void): Readonly<Record<string, unknown>> {
  if (text.length > longestRuleFile) {
    tell(`the file is longer than ${longestRuleFile} characters`);
    return {};
  }
  try {
    const [document] = parseYaml(text);
    if (document === undefined || document === null) return {};
    if (isRecord(document)) return document;
    tell("the file must be a mapping");
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
  return {};
}

function listOf(value: unknown, name: string, tell: (message: string) => void): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  tell(`${name} must be a list`);
  return [];
}

function emptyRule(id: string): SecretRule {
  return { id, title: id, category: "", severity: "UNKNOWN", keywords: [] };
}

function readRule(item: unknown, index: number, problems: RuleFileProblem[]): readonly SecretRule[] {
  const id = isRecord(item) && typeof item["id"] === "string" && item["id"] !== "" ? item["id"] : undefined;
  const name = id ?? `rule ${index + 1}`;
  const tell = (message: string): readonly SecretRule[] => {
    problems.push({ rule: name, message });
    return [];
  };
  if (!isRecord(item)) return tell("it must be a mapping");
  if (id === undefined) return tell("it has no id");
  const { regex, path, title, category, severity } = item;
  const group = item["secret-group-name"];
  for (const [key, value] of Object.entries({ regex, path, title, category, "secret-group-name": group })) {
    if (value !== undefined && value !== null && typeof value !== "string") return tell(`${key} is no text`);
  }
  if (typeof regex !== "string" || regex === "") return tell("it has no regex");
  const rule: SecretRule = {
    id,
    title: typeof title === "string" ? title : id,
    category: typeof category === "string" ? category : "",
    severity: severityOf(severity, (message) => problems.push({ rule: name, message })),
    keywords: textsOf(item["keywords"], "keywords", tell),
    pattern: regex,
    secretGroup: typeof group === "string" && group !== "" ? group : 0,
    ...(typeof path === "string" ? { path } : {}),
    allowances: listOf(item["allow-rules"], "allow-rules", tell).flatMap(
      (allowance) => readAllowance(allowance, tell) ?? [],
    ),
    excludedBlocks: readBlocks(item["exclude-block"], tell),
  };
  const problem = ruleProblem(rule);
  return problem === undefined ? [rule] : tell(problem);
}

function severityOf(value: unknown, tell: (message: string) => void): Severity {
  if (value === undefined || value === null || value === "") return "UNKNOWN";
  const known = severities.find((severity) => typeof value === "string" && severity === value.toUpperCase());
  if (known === undefined) tell(`unknown severity ${String(value)}: must be one of ${severities.join(", ")}`);
  return known ?? "UNKNOWN";
}

function readAllowance(item: unknown, tell: (message: string) => unknown): SecretAllowance | undefined {
  if (!isRecord(item)) {
    tell("an allow rule must be a mapping");
    return undefined;
  }
  const { id, regex, path } = item;
  for (const [key, value] of Object.entries({ id, regex, path })) {
    if (value !== undefined && value !== null && typeof value !== "string") {
      tell(`${key} of an allow rule must be a string`);
      return undefined;
    }
  }
  return {
    ...(typeof id === "string" ? { id } : {}),
    ...(typeof path === "string" ? { paths: [path] } : {}),
    ...(typeof regex === "string" ? { patterns: [regex], target: "match" as const } : {}),
  };
}

function readBlocks(value: unknown, tell: (message: string) => unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) {
    tell("exclude-block must be a mapping");
    return [];
  }
  return textsOf(value["regexes"], "exclude-block.regexes", tell).filter((pattern) => {
    const problem = ruleProblem({ ...emptyRule(""), excludedBlocks: [pattern] });
    if (problem !== undefined) tell(`exclude-block: ${problem}`);
    return problem === undefined;
  });
}

/** A glob as the pattern of a skipped path: `**` crosses folders, `*` does not, `{a,b}` are alternatives. */
function globPath(
  glob: string,
  index: number,
  tell: (message: string) => void,
): readonly { id: string; description: string; pattern: string }[] {
  try {
    compileGlob(glob);
  } catch (error) {
    tell(`skip-patterns: ${glob}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  let depth = 0;
  const pattern = glob.replace(/\*\*\/|\*\*|\*|\?|\{|\}|,|\[[^\]]*\]|[^*?{},[\]]+|./gs, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part === "{") {
      depth++;
      return "(?:";
    }
    if (part === "}" && depth > 0) {
      depth--;
      return ")";
    }
    if (part === "," && depth > 0) return "|";
    if (part.length > 2 && part.startsWith("[")) return part.replace(/^\[!/, "[^");
    return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  return [{ id: `skip-pattern-${index + 1}`, description: glob, pattern: `^${pattern}${")".repeat(depth)}$` }];
}
