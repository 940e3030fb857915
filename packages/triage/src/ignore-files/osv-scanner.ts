import { field, parseToml, record, textField, tomlTableLines } from "@plimsoll/formats";
import { goesBy, packageOf } from "@plimsoll/model";
import type { Finding, FindingKind, PackageRef } from "@plimsoll/model";
import { objectsField, textsField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import { compileNamePattern } from "../name-pattern.ts";
import { misreadField } from "./shared/known-fields.ts";
import { packageNamesOf } from "./shared/scope.ts";
import { isWrongList } from "./shared/yaml-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";

/** What OSV-Scanner takes from the file, and is not about findings. It is told only where nothing else is in the file. */
const unheeded = ["GoVersionOverride", "ScanGoModVersion"] as const;
const sections: ReadonlySet<string> = new Set(["IgnoredVulns", "PackageOverrides", ...unheeded]);

const forms = {
  IgnoredVulns: { id: "text", ignoreUntil: "moment", reason: "text" },
  PackageOverrides: {
    name: "text",
    version: "text",
    ecosystem: "text",
    group: "text",
    nameIsRegex: "flag",
    ignore: "flag",
    vulnerability: "mapping",
    license: "mapping",
    effectiveUntil: "moment",
    reason: "text",
  },
} as const;

const formsOfOverride = {
  vulnerability: { ignore: "flag" },
  license: { ignore: "flag", override: "texts" },
} as const;

/** OSV-Scanner's configuration: `osv-scanner.toml`. */
export const osvScanner: IgnoreDialect<"osv-scanner"> = {
  id: "osv-scanner",
  claims: (base) => base.endsWith(".toml"),
  read: readOsvScanner,
};

/** Reads `IgnoredVulns` and `PackageOverrides` of `osv-scanner.toml`: https://google.github.io/osv-scanner/configuration */
function readOsvScanner(text: string): IgnoreRules {
  const document = parseToml(text);
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  for (const name of Object.keys(document))
    if (!sections.has(name))
      problems.push({ place: name, problem: `"${name}" is none of ${[...sections].join(", ")}` });
  const read = (section: keyof typeof forms, readEntry: (entry: Fields, at: Place) => IgnoreRule | string): void => {
    const lines = tomlTableLines(text, section);
    if (isWrongList(field(document, section))) problems.push({ place: section, problem: "it is no list" });
    objectsField(document, section).forEach((entry, index) => {
      const at: Place = { place: `${section}[${index}]`, line: lines[index] };
      const rule = misreadField(entry, forms[section]) ?? readEntry(entry, at);
      if (typeof rule === "string") problems.push({ ...at, problem: rule });
      else rules.push(rule);
    });
  };
  read("IgnoredVulns", readIgnoredVulnerability);
  read("PackageOverrides", readPackageOverride);
  if (rules.length === 0 && problems.length === 0)
    for (const name of unheeded)
      if (field(document, name) !== undefined)
        problems.push({ place: name, problem: "which version of Go is looked at is not chosen by this file" });
  return { rules, problems };
}

interface Place {
  readonly place: string;
  readonly line: number | undefined;
}

function readIgnoredVulnerability(entry: Fields, at: Place): IgnoreRule | string {
  const id = textField(entry, "id");
  if (id === undefined) return "no id";
  const expires = readExpiry(field(entry, "ignoreUntil"));
  if (expires === "unreadable") return `${id} has an expiry that is no date`;
  return {
    ...at,
    scope: id,
    reason: textField(entry, "reason"),
    expires,
    ids: [id],
    matches: (finding) => finding.kind === "vulnerability" && goesBy(finding, [id]),
  };
}

function readPackageOverride(entry: Fields, at: Place): IgnoreRule | string {
  const ignores = (key: string): boolean =>
    field(entry, "ignore") === true || field(record(field(entry, key)), "ignore") === true;
  const kinds = (["vulnerability", "license"] as const satisfies readonly FindingKind[]).filter(ignores);
  for (const key of ["vulnerability", "license"] as const) {
    const misread = misreadField(record(field(entry, key)) ?? {}, formsOfOverride[key]);
    if (misread !== undefined) return misread;
  }
  const licenses = kinds.includes("license") ? [] : textsField(record(field(entry, "license")), "override");
  if (kinds.length === 0 && licenses.length === 0) return "it has none of ignore, vulnerability.ignore, license";
  const [name, version, ecosystem, group] = ["name", "version", "ecosystem", "group"].map((key) =>
    textField(entry, key),
  );
  const isName =
    name === undefined
      ? undefined
      : field(entry, "nameIsRegex") === true
        ? compileNamePattern(name)
        : (text: string) => text === name;
  if (typeof isName === "string") return isName;
  const expires = readExpiry(field(entry, "effectiveUntil"));
  if (expires === "unreadable") return "its expiry is no date";
  const isOther = otherThan(licenses);
  const what = kinds.length > 0 ? "everything in" : `licences other than ${licenses.join(", ")} in`;
  return {
    ...at,
    scope: [what, ecosystem, name, version, group].filter((part) => part !== undefined).join(" "),
    reason: textField(entry, "reason"),
    expires,
    matches: (finding, pkg) => {
      const found = packageOf(finding);
      if (found === undefined) return false;
      if (!kinds.some((kind) => kind === finding.kind) && !isOther(finding)) return false;
      return (
        (isName === undefined || packageNamesOf(finding).some(isName)) &&
        (version === undefined || version === found.version) &&
        (ecosystem === undefined || isOfEcosystem(finding, found, ecosystem)) &&
        (group === undefined || group === pkg?.scope)
      );
    },
  };
}

/** Whether a finding is about a licence that an override, a list of SPDX expressions, replaces. None is replaced by an empty list. */
function otherThan(licenses: readonly string[]): (finding: Finding) => boolean {
  const kept = new Set(licenses.flatMap((each) => [each, ...each.split(/[\s()]+/)]).map((each) => each.toLowerCase()));
  return ({ kind, id }) => licenses.length > 0 && kind === "license" && !kept.has(id.toLowerCase());
}

/** OSV's name of an ecosystem, which only advisories speak of. */
function isOfEcosystem(finding: Finding, found: PackageRef, ecosystem: string): boolean {
  if (finding.kind !== "vulnerability") return found.ecosystem?.toLowerCase() === ecosystem.toLowerCase();
  const { namespace } = finding.explanation.key;
  return namespace === ecosystem || namespace.startsWith(`${ecosystem}:`);
}
