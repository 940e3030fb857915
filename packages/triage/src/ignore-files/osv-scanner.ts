import { parseToml, tomlTableLines } from "@plimsoll/formats";
import { field, fieldsOf, objectsField, textField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import { goesBy } from "../ignore-rules.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";

/** Reads `IgnoredVulns` and `PackageOverrides` of `osv-scanner.toml`: https://google.github.io/osv-scanner/configuration */
export function readOsvScanner(text: string): IgnoreRules {
  const document = parseToml(text);
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  const read = (section: string, readEntry: (entry: Fields, at: Place) => IgnoreRule | string | undefined): void => {
    const lines = tomlTableLines(text, section);
    objectsField(document, section).forEach((entry, index) => {
      const at: Place = { place: `${section}[${index}]`, line: lines[index] };
      const rule = readEntry(entry, at);
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
  return { ...at, about: id, reason: textField(entry, "reason"), expires, matches: (finding) => goesBy(finding, [id]) };
}

/** Undefined: an override of something else than vulnerabilities. */
function readPackageOverride(entry: Fields, at: Place): IgnoreRule | string | undefined {
  const ignores = field(entry, "ignore") === true || field(fieldsOf(field(entry, "vulnerability")), "ignore") === true;
  if (!ignores) return undefined;
  const [name, version, ecosystem, group] = ["name", "version", "ecosystem", "group"].map((key) =>
    textField(entry, key),
  );
  const expires = readExpiry(field(entry, "effectiveUntil"));
  if (expires === "unreadable") return "its expiry is no date";
  return {
    ...at,
    about: ["everything in", ecosystem, name, version, group].filter((part) => part !== undefined).join(" "),
    reason: textField(entry, "reason"),
    expires,
    matches: ({ package: found, explanation: { key } }, pkg) =>
      (name === undefined || name === found.name || name === key.name) &&
      (version === undefined || version === found.version) &&
      (ecosystem === undefined || key.namespace === ecosystem || key.namespace.startsWith(`${ecosystem}:`)) &&
      (group === undefined || group === pkg?.scope),
  };
}
