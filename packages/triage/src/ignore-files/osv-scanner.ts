import { field, parseToml, record, textField, tomlTableLines } from "@plimsoll/formats";
import { goesBy, packageOf } from "@plimsoll/model";
import type { Finding, FindingKind, PackageRef } from "@plimsoll/model";
import { objectsField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import { misreadField } from "./shared/known-fields.ts";
import { packageNamesOf } from "./shared/scope.ts";
import { isWrongList } from "./shared/yaml-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";

/** What the file may say beside its rules, which is not about findings. */
const sections: ReadonlySet<string> = new Set(["IgnoredVulns", "PackageOverrides", "GoVersionOverride"]);

const forms = {
  IgnoredVulns: { id: "text", ignoreUntil: "moment", reason: "text" },
  PackageOverrides: {
    name: "text",
    version: "text",
    ecosystem: "text",
    group: "text",
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
  const read = (
    section: keyof typeof forms,
    readEntry: (entry: Fields, at: Place) => IgnoreRule | string | undefined,
  ): void => {
    const lines = tomlTableLines(text, section);
    if (isWrongList(field(document, section))) problems.push({ place: section, problem: "it is no list" });
    objectsField(document, section).forEach((entry, index) => {
      const at: Place = { place: `${section}[${index}]`, line: lines[index] };
      const rule = misreadField(entry, forms[section]) ?? readEntry(entry, at);
      if (typeof rule === "string") problems.push({ ...at, problem: rule });
      else if (rule !== undefined) rules.push(rule);
    });
  };
  read("IgnoredVulns", readIgnoredVulnerability);
  read("PackageOverrides", readPackageOverride);
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
    matches: (finding) => finding.kind === "vulnerability" && goesBy(finding, [id]),
  };
}

/** Undefined: an override that ignores nothing. */
function readPackageOverride(entry: Fields, at: Place): IgnoreRule | string | undefined {
  const ignores = (key: string): boolean =>
    field(entry, "ignore") === true || field(record(field(entry, key)), "ignore") === true;
  const kinds = (["vulnerability", "license"] as const satisfies readonly FindingKind[]).filter(ignores);
  for (const key of ["vulnerability", "license"] as const) {
    const misread = misreadField(record(field(entry, key)) ?? {}, formsOfOverride[key]);
    if (misread !== undefined) return misread;
  }
  if (kinds.length === 0) return undefined;
  const [name, version, ecosystem, group] = ["name", "version", "ecosystem", "group"].map((key) =>
    textField(entry, key),
  );
  const expires = readExpiry(field(entry, "effectiveUntil"));
  if (expires === "unreadable") return "its expiry is no date";
  return {
    ...at,
    scope: ["everything in", ecosystem, name, version, group].filter((part) => part !== undefined).join(" "),
    reason: textField(entry, "reason"),
    expires,
    matches: (finding, pkg) => {
      const found = packageOf(finding);
      if (found === undefined || !kinds.some((kind) => kind === finding.kind)) return false;
      return (
        (name === undefined || packageNamesOf(finding).includes(name)) &&
        (version === undefined || version === found.version) &&
        (ecosystem === undefined || isOfEcosystem(finding, found, ecosystem)) &&
        (group === undefined || group === pkg?.scope)
      );
    },
  };
}

/** OSV's name of an ecosystem, which only advisories speak of. */
function isOfEcosystem(finding: Finding, found: PackageRef, ecosystem: string): boolean {
  if (finding.kind !== "vulnerability") return found.ecosystem?.toLowerCase() === ecosystem.toLowerCase();
  const { namespace } = finding.explanation.key;
  return namespace === ecosystem || namespace.startsWith(`${ecosystem}:`);
}
