import type { AnyConfigDocument } from "@plimsoll/configs";
import { asList, asObject, kubernetesObjects, member } from "@plimsoll/kubernetes";
import { fingerprintOf, checkOptions, optionIs } from "@plimsoll/model";
import type { Misconfiguration, Severity, OptionChecks } from "@plimsoll/model";
import { editsOf } from "../shared/fixes/edits.ts";
import { AuditContext } from "./audit-context.ts";
import { auditConfig, type AuditConfig } from "./audit-config.ts";
import { auditedObject, type AuditedObject } from "./audited-object.ts";
import type { AuditFix, AuditLevel, AuditResult } from "./auditor.ts";
import { everyAuditor } from "./auditors/index.ts";

/** Options of {@link auditWorkloads}. */
export interface AuditOptions {
  /** The value of a configuration file of kubeaudit; see `readAuditConfig`. */
  readonly config?: unknown;
  /** Names of the auditors to run. Absent: all that the configuration does not disable. */
  readonly only?: readonly string[] | undefined;
  /** The only namespace whose objects are audited. Absent: all. */
  readonly namespace?: string | undefined;
  /** True: objects with `ownerReferences` are skipped, since the object that created them is audited. Absent: false. */
  readonly skipGenerated?: boolean | undefined;
  /** Findings below this level are left out: `info`, `warning` or `error`. Absent: `info`, so that all are reported. */
  readonly minLevel?: AuditLevel | undefined;
  /** Whether findings include the edits that fix them, which take most of the time to compute. Absent: true. */
  readonly fixes?: boolean | undefined;
  /**
   * Asked for each finding, by its rule and file, before it is made: false leaves it out, so that a long list of objects does not need room for all
   * of them. Absent: all are made.
   */
  readonly keep?: ((rule: string, path: string) => boolean) | undefined;
}

/** A finding of the audit about an object. */
export interface AuditFinding extends Misconfiguration {
  readonly engine: "audit";
  readonly level: AuditLevel;
  /** The auditor that reported it: `capabilities`. */
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

/** The checks of {@link AuditOptions}. */
export const auditChecks: OptionChecks<AuditOptions> = {
  config: optionIs.any,
  only: optionIs.listOf(optionIs.text),
  namespace: optionIs.text,
  skipGenerated: optionIs.flag,
  minLevel: optionIs.oneOf(["info", "warning", "error"]),
  fixes: optionIs.flag,
  keep: optionIs.call,
};

const { fixes: _, keep: __, ...statementChecks } = auditChecks;

/**
 * Audits Kubernetes objects as kubeaudit does: with its 14 auditors, rule ids, levels and override labels. Documents of other formats are
 * skipped.
 * @throws {TypeError} for unknown or invalid options, unknown auditors, and an invalid configuration.
 */
export function auditWorkloads(
  documents: Iterable<AnyConfigDocument>,
  options: AuditOptions = {},
): readonly AuditFinding[] {
  checkOptions("auditWorkloads", options, auditChecks);
  const { minLevel = "info", fixes = true, keep = () => true } = options;
  const least = levels.indexOf(minLevel);
  const findings: AuditFinding[] = [];
  for (const audited of audit(documents, options)) {
    const { result, document } = audited;
    if (levels.indexOf(result.level) >= least && keep(result.rule, document.path))
      findings.push(findingOf(audited, fixes));
  }
  return findings;
}

/** A finding of the audit without its location and edits. */
export interface AuditStatement extends Pick<AuditFinding, "id" | "level" | "message" | "metadata" | "resource"> {
  /** The file that the object is in. */
  readonly path: string;
}

/**
 * Yields the findings of {@link auditWorkloads} one by one, without locations and edits, which is much faster.
 * @throws {TypeError} as {@link auditWorkloads} does, when the first is asked for.
 */
export function* auditStatements(
  documents: Iterable<AnyConfigDocument>,
  options: Omit<AuditOptions, "fixes" | "keep"> = {},
): Generator<AuditStatement> {
  checkOptions("auditStatements", options, statementChecks);
  const least = levels.indexOf(options.minLevel ?? "info");
  let known: { readonly object: AuditedObject; readonly resource: AuditFinding["resource"] } | undefined;
  for (const { document, object, result } of audit(documents, options)) {
    const { rule, level, message, metadata } = result;
    if (levels.indexOf(level) < least) continue;
    // Results of one object follow each other.
    if (known?.object !== object) known = { object, resource: resourceOf(object) };
    yield { id: rule, level, message, metadata, resource: known.resource, path: document.path };
  }
}

/** Yields the results of the auditors with their fixes, in the order of documents, objects and auditors. */
export function* audit(documents: Iterable<AnyConfigDocument>, options: AuditOptions): Generator<Audited> {
  const config = auditConfig(options.config);
  const auditors = auditorsFor(options, config);
  const held: { readonly document: AnyConfigDocument; readonly object: AuditedObject }[] = [];
  for (const document of documents)
    if (document.format === "kubernetes")
      for (const object of kubernetesObjects(document.value)) held.push({ document, object: auditedObject(object) });
  const objects = held.map(({ object }) => object);
  const context = new AuditContext(config, objects);
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

function auditorsFor({ config, only }: AuditOptions, { disabled }: AuditConfig): typeof everyAuditor {
  const names = everyAuditor.map(({ name }) => name);
  const switched = Object.keys(asObject(member(config, "enabledAuditors")) ?? {});
  const unknown = [...switched, ...(only ?? [])].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`unknown auditor "${unknown}"; auditors are ${names.join(", ")}`);
  return everyAuditor.filter(({ name }) => (only === undefined || only.includes(name)) && !disabled.includes(name));
}

function resourceOf({ object: { apiVersion, kind: type, name, namespace } }: AuditedObject): AuditFinding["resource"] {
  return namespace === undefined ? { apiVersion, type, name } : { apiVersion, type, name, namespace };
}

function findingOf({ auditor, object, document, result }: Audited, fixes: boolean): AuditFinding {
  const { rule, level, message, metadata, path } = result;
  const range = document.at(path) ?? document.at(object.object.path);
  const { path: file } = document;
  const { kind, name, namespace = "" } = object.object;
  const place = range === undefined ? { path: file } : { path: file, line: range.line, endLine: range.endLine };
  // Hashed when somebody asks: lines of text never do.
  let identity: string | undefined;
  const edits = fixes ? editsInPlace(document, object.object, result.fix) : undefined;
  const finding: AuditFinding = {
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
    resource: resourceOf(object),
    metadata,
    location: place,
    locations: [place],
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
    explanation: { rule: `auditor ${auditor}` },
  };
  return edits === undefined ? finding : Object.assign(finding, { fix: { edits } });
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
