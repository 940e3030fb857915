import { FormatError } from "@plimsoll/formats";
import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { TriageRule } from "@plimsoll/model";
import { readGitleaksignore } from "./ignore-files/gitleaksignore.ts";
import { readGrype } from "./ignore-files/grype.ts";
import { readOsvScanner } from "./ignore-files/osv-scanner.ts";
import { readPlimsollignore } from "./ignore-files/plimsollignore.ts";
import { readTrivyignoreYaml } from "./ignore-files/trivyignore-yaml.ts";
import { readTrivyignore } from "./ignore-files/trivyignore.ts";
import { triageRuleOf } from "./ignore-rules.ts";
import type { IgnoreRules, IgnoreRulesOptions } from "./ignore-rules.ts";

/** The ignore files that can be read. */
export type IgnoreFormat =
  | "plimsollignore"
  | "trivyignore"
  | "trivyignore-yaml"
  | "osv-scanner"
  | "grype"
  | "gitleaksignore";

/** How to read an ignore file. */
export interface IgnoreFileOptions extends IgnoreRulesOptions {
  /** Absent: told from the name, then from the content. */
  readonly format?: IgnoreFormat | undefined;
}

const readers: Readonly<Record<IgnoreFormat, (text: string) => IgnoreRules>> = {
  plimsollignore: readPlimsollignore,
  trivyignore: readTrivyignore,
  "trivyignore-yaml": readTrivyignoreYaml,
  "osv-scanner": readOsvScanner,
  grype: readGrype,
  gitleaksignore: readGitleaksignore,
};

/**
 * Reads an ignore file of any format into a triage rule. Entries that cannot be understood are not applied, and remarked on.
 * @throws ScanError `malformed-document` when the file as a whole is not of its syntax.
 */
export function ignoreFile(text: string, options: IgnoreFileOptions): TriageRule {
  checkOptions("ignoreFile", options, {
    name: optionIs.text,
    now: optionIs.either(optionIs.time, optionIs.having("getTime")),
    format: optionIs.oneOf(Object.keys(readers)),
  });
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const format = options.format ?? sniffFormat(options.name, content);
  try {
    const read = readers[format](content);
    const isEmpty = read.rules.length === 0 && read.problems.length === 0 && content.trim() !== "";
    return triageRuleOf(isEmpty && format !== "trivyignore" ? { ...read, problems: [noRules] } : read, options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "malformed-document", label: options.name, reason: error.message }, { cause: error });
  }
}

/** A file that was meant to hide something and hides nothing is more likely a mistake than not. */
const noRules = { place: "the file", problem: "it has no rules in it" } as const;

function sniffFormat(name: string, text: string): IgnoreFormat {
  const base = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  if (base.endsWith(".gitleaksignore")) return "gitleaksignore";
  if (base.endsWith(".toml")) return "osv-scanner";
  if (!/\.ya?ml$/.test(base)) return "trivyignore";
  if (base.includes("plimsoll")) return "plimsollignore";
  if (base.includes("trivy")) return "trivyignore-yaml";
  if (base.includes("grype")) return "grype";
  // A file of another name tells itself by its top-level key; grype's entries name a "vulnerability" or a nested "package".
  if (/^vulnerabilities\s*:/m.test(text)) return "trivyignore-yaml";
  return /^[ \t-]+(?:vulnerability|fix-state)\s*:/m.test(text) ? "grype" : "plimsollignore";
}
