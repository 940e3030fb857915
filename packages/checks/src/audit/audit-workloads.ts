import type { AnyConfigDocument } from "@plimsoll/configs";
import { asList, kubernetesObjects, member } from "@plimsoll/kubernetes";
import { fingerprintOf, located, checkOptions, optionIs } from "@plimsoll/model";
import type { Misconfiguration, Severity, OptionChecks } from "@plimsoll/model";
import { editsOf } from "../shared/fixes/edits.ts";
import { AuditContext } from "./audit-context.ts";
import { auditConfig, type AuditConfig } from "./audit-config.ts";
import { auditedObject, type AuditedObject } from "./audited-object.ts";
import type { AuditFix, AuditLevel, AuditResult } from "./auditor.ts";
import { everyAuditor } from "./auditors/index.ts";

/** How workloads are audited. */
export interface AuditOptions {
  /** The value of a configuration file of kubeaudit; see `readAuditConfig`. */
  readonly config?: unknown;
  /** Names of the only auditors that are asked. Absent: all that the configuration leaves on. */
  readonly only?: readonly string[] | undefined;
  /** The only namespace whose objects are audited. Absent: all. */
  readonly namespace?: string | undefined;
  /** Passes over objects that a controller made (`ownerReferences`): what made them is audited instead. */
  readonly skipGenerated?: boolean | undefined;
  /** Findings below this level are left out: `info`, `warning` or `error`. Absent: none is. */
  readonly minLevel?: AuditLevel | undefined;
  /** Whether findings come with the edits that mend them. Absent: they do; working them out is what takes longest. */
  readonly fixes?: boolean | undefined;
}

/** What the audit says of an object. */
export interface AuditFinding extends Misconfiguration {
  readonly engine: "audit";
  readonly level: AuditLevel;
  /** The auditor that says it: `capabilities`. */
  readonly auditor: string;
  readonly resource: Misconfiguration["resource"] & { readonly apiVersion: string };
  /** Facts by the names that kubeaudit gives them: `Container`, `OverrideReason`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A result of an auditor with the object and document it is about. */
export interface Audited {
  readonly auditor: string;
  readonly object: AuditedObject;
  readonly document: AnyConfigDocument;
  readonly result: AuditResult;
}

const severities: Readonly<Record<AuditLevel, Severity>> = { error: "HIGH", warning: "MEDIUM", info: "LOW" };
const levels: readonly AuditLevel[] = ["info", "warning", "error"];

/** Of {@link auditWorkloads}. */
export const auditChecks: OptionChecks<AuditOptions> = {
  config: optionIs.any,
  only: optionIs.listOf(optionIs.text),
  namespace: optionIs.text,
  skipGenerated: optionIs.flag,
  minLevel: optionIs.oneOf(["info", "warning", "error"]),
  fixes: optionIs.flag,
};

/**
 * Audits Kubernetes objects as kubeaudit does: 14 auditors, its rule ids, levels and override labels.
 * Documents of other formats are passed over.
 * @throws {TypeError} for options and auditors that there are not, and for a configuration of the wrong form.
 */
export function auditWorkloads(
  documents: Iterable<AnyConfigDocument>,
  options: AuditOptions = {},
): readonly AuditFinding[] {
  checkOptions("auditWorkloads", options, auditChecks);
  const { minLevel = "info", fixes = true } = options;
  const least = levels.indexOf(minLevel);
  if (least === -1) throw new TypeError(`minLevel is one of ${levels.join(", ")}`);
  const findings: AuditFinding[] = [];
  for (const audited of audit(documents, options))
    if (levels.indexOf(audited.result.level) >= least) findings.push(findingOf(audited, fixes));
  return findings;
}

/** The results themselves, with their fixes; in the order of documents, objects and auditors. */
export function* audit(documents: Iterable<AnyConfigDocument>, options: AuditOptions): Generator<Audited> {
  const config = auditConfig(options.config);
  const auditors = auditorsFor(config, options.only);
  const held: { readonly document: AnyConfigDocument; readonly object: AuditedObject }[] = [];
  for (const document of documents)
    if (document.format === "kubernetes")
      for (const object of kubernetesObjects(document.value)) held.push({ document, object: auditedObject(object) });
  const context = new AuditContext(
    config,
    held.map(({ object }) => object),
  );
  for (const { document, object } of held) {
    if (!isAsked(object, options)) continue;
    for (const auditor of auditors)
      for (const result of auditor.audit(object, context)) yield { auditor: auditor.name, document, object, result };
  }
}

function isAsked({ object }: AuditedObject, { namespace, skipGenerated }: AuditOptions): boolean {
  const own = object.kind === "Namespace" ? object.name : object.namespace;
  if (namespace !== undefined && own !== namespace) return false;
  return skipGenerated !== true || asList(member(object.value, "metadata", "ownerReferences")).length === 0;
}

function auditorsFor({ disabled }: AuditConfig, only: readonly string[] | undefined): typeof everyAuditor {
  const names = everyAuditor.map(({ name }) => name);
  const unknown = [...disabled, ...(only ?? [])].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`there is no auditor "${unknown}"; there are ${names.join(", ")}`);
  return everyAuditor.filter(({ name }) => (only === undefined || only.includes(name)) && !disabled.includes(name));
}

function findingOf({ auditor, object: { object }, document, result }: Audited, fixes: boolean): AuditFinding {
  const { rule, level, message, metadata, path } = result;
  const range = document.at(path) ?? document.at(object.path);
  const place = { path: document.path, ...(range === undefined ? {} : { line: range.line, endLine: range.endLine }) };
  const { path: file } = document;
  const { kind, name, namespace = "" } = object;
  // Hashed when somebody asks: lines of text never do.
  let identity: string | undefined;
  const edits = fixes ? editsInPlace(document, object, result.fix) : undefined;
  return {
    kind: "misconfiguration",
    engine: "audit",
    subject: "object",
    id: rule,
    auditor,
    severity: severities[level],
    level,
    status: "fail",
    title: rule,
    message,
    references: [],
    resource: {
      apiVersion: object.apiVersion,
      type: object.kind,
      name: object.name,
      ...(object.namespace === undefined ? {} : { namespace: object.namespace }),
    },
    metadata,
    ...located([place]),
    get fingerprint() {
      identity ??= fingerprintOf(
        "misconfiguration",
        "audit",
        rule,
        file,
        kind,
        namespace,
        name,
        JSON.stringify(metadata),
      );
      return identity;
    },
    ...(edits === undefined ? {} : { fix: { edits } }),
    explanation: { rule: `auditor ${auditor}` },
  };
}

/** The edits of a fix that only changes the object itself; others are made by `fixWorkloads` alone. */
function editsInPlace(
  document: AnyConfigDocument,
  object: AuditedObject["object"],
  fix: readonly AuditFix[] | undefined,
): ReturnType<typeof editsOf> {
  const changes = (fix ?? []).flatMap((step) =>
    step.kind === "change" && step.object.object === object ? [step.change] : [],
  );
  return changes.length === 0 || changes.length !== fix?.length ? undefined : editsOf(document, changes);
}
