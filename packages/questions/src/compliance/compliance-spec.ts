import { parseYamlDocuments } from "@plimsoll/formats";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import { scannerOfCheck } from "./check-ids.ts";

/** One requirement of a compliance specification. */
export interface ComplianceControl {
  /** Id of the control: `1.2`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  /** Ids of checks that must pass and of vulnerabilities that must not be found, or all findings of a severity (`VULN-CRITICAL`, `SECRET-HIGH`). */
  readonly checks: readonly string[];
  /** Ids of commands that collect facts from a running node. */
  readonly commands: readonly string[];
  /** The status where nothing that the control concerns was scanned. Absent: `unknown`. */
  readonly defaultStatus?: "FAIL" | "PASS" | "WARN";
}

/** A compliance specification, in the form of Trivy's compliance files. */
export interface ComplianceSpec {
  /** Id of the specification: `k8s-nsa-1.0`. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly relatedResources: readonly string[];
  /** `k8s`, `docker`, `aws`; empty where the file does not say. */
  readonly platform: string;
  /** `cis`, `nsa`, `pss`; empty where the file does not say. */
  readonly type: string;
  readonly controls: readonly ComplianceControl[];
}

/** Whether only a person can judge a control, which its name says. */
export function isManual({ name }: Pick<ComplianceControl, "name">): boolean {
  return name.includes("Manual");
}

/** Longer files are refused, in UTF-16 units; the largest that is published has 60,000. */
const maxLength = 4 * 1024 * 1024;

/**
 * Reads a specification as Trivy's files have them: `spec` with its `controls`, in YAML or JSON.
 * @throws {TypeError} for text that is no specification, and for check ids that belong to no scanner.
 */
export function readComplianceSpec(text: string): ComplianceSpec {
  if (text.length > maxLength) throw new TypeError(`the specification is longer than ${maxLength} characters`);
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) throw new TypeError(`the specification: line ${problem.line}: ${problem.message}`);
  const spec = memberOf(documents[0]?.value, "spec");
  const controls = memberOf(spec, "controls");
  if (spec === undefined || !Array.isArray(controls))
    throw new TypeError("the specification has no spec with controls");
  const read: ComplianceSpec = {
    id: textOf(spec, "id"),
    title: textOf(spec, "title"),
    description: textOf(spec, "description"),
    version: textOf(spec, "version"),
    relatedResources: listOf(spec, "relatedResources").map(String),
    platform: textOf(spec, "platform"),
    type: textOf(spec, "type"),
    controls: controls.map(readControl),
  };
  for (const { id, checks } of read.controls)
    for (const check of checks)
      if (scannerOfCheck(check) === undefined)
        throw new TypeError(`control ${id.slice(0, 40)}: no scanner knows checks like "${check.slice(0, 60)}"`);
  return read;
}

function readControl(value: unknown, position: number): ComplianceControl {
  if (typeof value !== "object" || value === null) throw new TypeError(`control ${position + 1} is no mapping`);
  const severity = textOf(value, "severity").toUpperCase();
  const status = textOf(value, "defaultStatus");
  return {
    id: textOf(value, "id"),
    name: textOf(value, "name"),
    description: textOf(value, "description"),
    severity: severities.find((each) => each === severity) ?? "UNKNOWN",
    checks: idsOf(value, "checks"),
    commands: idsOf(value, "commands"),
    ...(status === "FAIL" || status === "PASS" || status === "WARN" ? { defaultStatus: status } : {}),
  };
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key] // Checked: it has this member.
    : undefined;
}

function textOf(value: unknown, key: string): string {
  const found = memberOf(value, key);
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const found = memberOf(value, key);
  return Array.isArray(found) ? found : [];
}

function idsOf(value: unknown, key: string): readonly string[] {
  return listOf(value, key).map((each) => textOf(each, "id"));
}
