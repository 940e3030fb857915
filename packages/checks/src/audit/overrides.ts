import { containerOverridePrefixes, objectOverridePrefixes, type AuditedObject } from "./audited-object.ts";
import type { AuditResult } from "./auditor.ts";

/** The label that overrides a rule for one container: `container.kubeaudit.io/web.allow-privileged`. */
export function containerOverrideLabel(container: string, label: string): string {
  return `container.kubeaudit.io/${container}.${label}`;
}

/** The value of an override label of an object; undefined where it has none. */
export function objectOverride({ overrides }: AuditedObject, label: string): string | undefined {
  return overrides === undefined ? undefined : firstOf(overrides, objectOverridePrefixes, label);
}

function overrideFor(object: AuditedObject, container: string, label: string): string | undefined {
  const { overrides } = object;
  if (overrides === undefined) return undefined;
  const own = container === "" ? undefined : firstOf(overrides, containerOverridePrefixes, `${container}.${label}`);
  return own ?? objectOverride(object, label);
}

function firstOf(
  labels: Readonly<Record<string, string>>,
  prefixes: readonly string[],
  name: string,
): string | undefined {
  const found = prefixes.find((prefix) => Object.hasOwn(labels, prefix + name));
  return found === undefined ? undefined : labels[found + name];
}

const nothing: readonly AuditResult[] = [];

/**
 * Applies an override label to a result: it becomes `<Rule>Allowed`, at level `info` and without a fix, with the label's value as its reason unless
 * that is empty or `true`. A label that overrides nothing becomes the result `RedundantAuditorOverride`.
 * @param container The name of the container that the result is about; empty for the whole object.
 * @param result Undefined where the rule is not violated.
 */
export function overridden(
  object: AuditedObject,
  container: string,
  label: string,
  result: AuditResult | undefined,
): readonly AuditResult[] {
  const reason = overrideFor(object, container, label);
  if (reason === undefined) return result === undefined ? nothing : [result];
  if (result === undefined)
    return [
      {
        rule: "RedundantAuditorOverride",
        level: "warning",
        message: `The override label "${label}" is set, but there is nothing to override. Remove it.`,
        metadata: { Container: container, OverrideLabel: label },
        path: [...object.metadataPath, "labels"],
      },
    ];
  const { fix: _fix, safeguard: _safeguard, ...rest } = result;
  const told = reason !== "" && reason.toLowerCase() !== "true";
  return [
    {
      ...rest,
      rule: allowedRule(result.rule),
      level: "info",
      message: `Allowed by an override label: ${result.message}`,
      metadata: { ...result.metadata, ...(told ? { OverrideReason: reason } : {}) },
    },
  ];
}

/** The id that a rule has when a label allows its violation. */
export function allowedRule(rule: string): string {
  return `${rule}Allowed`;
}
