import { compileGlob, field, parsePurl, record, textField } from "@plimsoll/formats";
import { goesBy } from "@plimsoll/model";
import type { FixStatus, Package, Vulnerability } from "@plimsoll/model";
import type { Fields } from "../document-fields.ts";
import { compileNamePattern } from "../name-pattern.ts";
import type { IgnoreRule, IgnoreRules } from "../ignore-rules.ts";
import { misreadField } from "./shared/known-fields.ts";
import { readYamlRules } from "./shared/yaml-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";
import { isYaml } from "./shared/yaml-rules.ts";

const forms = {
  vulnerability: "text",
  "include-aliases": "flag",
  reason: "text",
  "fix-state": "text",
  package: "mapping",
} as const;

const formsOfPackage = {
  name: "text",
  version: "text",
  type: "text",
  language: "text",
  location: "text",
  "upstream-name": "text",
} as const;

/** Conditions of Grype that have no counterpart here. */
const strangers: ReadonlySet<string> = new Set(["namespace", "match-type", "vex-status", "vex-justification"]);

/** The ignore rules of Grype's configuration: `.grype.yaml`. */
export const grype: IgnoreDialect<"grype"> = {
  id: "grype",
  claims: (base) => isYaml(base) && base.includes("grype"),
  // Entries name a vulnerability, or a nested package.
  resembles: (text) => /^[ \t-]+(?:vulnerability|fix-state)\s*:/m.test(text) && !/^vulnerabilities\s*:/m.test(text),
  read: readGrype,
};

/**
 * Reads the `ignore` rules of `.grype.yaml`: https://github.com/anchore/grype#specifying-matches-to-ignore. A rule with a condition that has no counterpart
 * here (`namespace`, `match-type`, `vex-status`) is not applied: without the condition it would hide more than was asked for.
 */
function readGrype(text: string): IgnoreRules {
  return readYamlRules(text, readEntry);
}

type Condition = (finding: Vulnerability, pkg: Package | undefined) => boolean;

function readEntry(item: unknown, place: string): IgnoreRule | string {
  const entry = record(item);
  if (entry === undefined) return "not a mapping";
  const ofPackage = record(field(entry, "package"));
  const stranger = Object.keys(entry).find((key) => strangers.has(key));
  if (stranger !== undefined) return `the condition "${stranger}" is not supported`;
  const misread = misreadField(entry, forms) ?? misreadField(ofPackage ?? {}, formsOfPackage);
  if (misread !== undefined) return misread;
  const conditions = [...ruleConditions(entry), ...packageConditions(ofPackage)];
  const broken = conditions.find((condition) => typeof condition === "string");
  if (broken !== undefined) return broken;
  if (conditions.length === 0) return "it has no condition";
  return {
    place,
    scope: describe(entry, ofPackage),
    reason: textField(entry, "reason"),
    matches: (finding, pkg) =>
      finding.kind === "vulnerability" &&
      conditions.every((holds) => typeof holds === "function" && holds(finding, pkg)),
  };
}

function ruleConditions(entry: Fields): readonly (Condition | string)[] {
  const id = textField(entry, "vulnerability");
  const withAliases = textField(entry, "include-aliases") === "true";
  const state = textField(entry, "fix-state");
  const conditions: (Condition | string)[] = [];
  // Grype knows findings by the id of the record that matched, which for us may be an alias: both mean the same one.
  if (id !== undefined) conditions.push((finding) => (withAliases ? goesBy(finding, [id]) : isNamed(finding, id)));
  if (state !== undefined) conditions.push(inFixState(state));
  return conditions;
}

function inFixState(state: string): Condition | string {
  const statuses = fixStates.get(state);
  return statuses === undefined ? `"${state}" is no fix state` : ({ status }) => statuses.includes(status);
}

function isNamed({ id, explanation }: Vulnerability, wanted: string): boolean {
  return id === wanted || explanation.advisory === wanted;
}

const fixStates: ReadonlyMap<string, readonly FixStatus[]> = new Map([
  ["fixed", ["fixed"]],
  ["not-fixed", ["affected", "fix_deferred", "end_of_life"]],
  ["wont-fix", ["will_not_fix"]],
  ["unknown", ["under_investigation"]],
]);

function packageConditions(ofPackage: Fields | undefined): readonly (Condition | string)[] {
  const text = (name: string): string | undefined => textField(ofPackage, name);
  const [name, upstream, version, location] = [text("name"), text("upstream-name"), text("version"), text("location")];
  const conditions: (Condition | string)[] = [];
  if (name !== undefined) conditions.push(namedLike(name, (finding) => [finding.package.name]));
  if (upstream !== undefined) {
    conditions.push(
      namedLike(upstream, (finding, pkg) => [
        finding.explanation.key.name,
        ...(pkg?.source === undefined ? [] : [pkg.source.name]),
      ]),
    );
  }
  if (version !== undefined) conditions.push((finding) => finding.package.version === version);
  for (const type of [text("type"), text("language")]) {
    if (type === undefined) continue;
    const purlType = purlTypes.get(type) ?? type;
    conditions.push((finding) => parsePurl(finding.package.purl)?.type === purlType);
  }
  if (location !== undefined) {
    const matches = compileGlob(location);
    conditions.push((_finding, pkg) => pkg?.locations.some(({ path }) => matches(path)) === true);
  }
  return conditions;
}

function namedLike(
  pattern: string,
  names: (finding: Vulnerability, pkg: Package | undefined) => readonly string[],
): Condition | string {
  const matches = compileNamePattern(pattern);
  return typeof matches === "string" ? matches : (finding, pkg) => names(finding, pkg).some(matches);
}

/** Grype's words for package types and languages, where they are not the purl type itself. */
const purlTypes: ReadonlyMap<string, string> = new Map([
  ["java-archive", "maven"],
  ["jenkins-plugin", "maven"],
  ["java", "maven"],
  ["python", "pypi"],
  ["go-module", "golang"],
  ["go", "golang"],
  ["rust-crate", "cargo"],
  ["rust", "cargo"],
  ["php-composer", "composer"],
  ["php", "composer"],
  ["ruby", "gem"],
  ["javascript", "npm"],
  ["dotnet", "nuget"],
  ["dart-pub", "pub"],
  ["dart", "pub"],
]);

function describe(entry: Fields, ofPackage: Fields | undefined): string {
  const parts = [...Object.entries(entry), ...Object.entries(ofPackage ?? {})];
  return parts
    .filter(([key, value]) => key !== "reason" && typeof value === "string")
    .map(([key, value]) => (key === "vulnerability" ? String(value) : `${key} ${String(value)}`))
    .join(", ");
}
