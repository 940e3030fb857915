import { everyCheck, runChecks } from "@plimsoll/checks";
import type { Check } from "@plimsoll/checks";
import { readConfigs } from "@plimsoll/configs";
import type { JsonObject } from "@plimsoll/kubernetes";
import { severities } from "@plimsoll/model";
import type { Misconfiguration, Severity } from "@plimsoll/model";
import { noChange } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { changeOf } from "./object-change.ts";

/** Which checks of configurations an object must pass. */
export interface CheckPolicy {
  /** Ids or aliases of checks: `KSV-0017`. Absent: all. */
  readonly ids?: readonly string[] | undefined;
  /** Checks of this severity or worse count. Absent: `HIGH`. */
  readonly severity?: Severity | undefined;
}

/** Runs checks over the object. A check that breaks refuses, since it did not say that all is well. */
export function judgeByChecks(judged: Judged): PartialVerdict {
  const { checks: policy } = judged.evidence;
  if (policy === undefined) return { reasons: [] };
  const checks = chosen(policy);
  const reasons = findingsOf(judged.object.value, checks).map((finding): DecisionReason => {
    const check = checks.filter(({ id }) => id === finding.id);
    const message = messageOf(finding);
    const accepts = (changed: JsonObject): boolean =>
      !findingsOf(changed, check).some((each) => messageOf(each) === message);
    const hints = [message, finding.resolution];
    const { path, text, flip, value } = changeOf(judged, accepts, hints);
    return {
      policy: "checks",
      rule: finding.title ?? finding.id,
      path,
      image: "",
      id: finding.id,
      fact: finding.status === "unknown" ? `${finding.id} could not be decided: ${message}` : message,
      ...(value === undefined ? {} : { value }),
      change: text ?? noChange,
      ...(flip === undefined ? {} : { flip }),
    };
  });
  return { reasons };
}

function chosen({ ids, severity = "HIGH", ...rest }: CheckPolicy): readonly Check[] {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new TypeError(`checks: there is no member ${unknown}`);
  const threshold = severities.indexOf(severity);
  if (threshold === -1) throw new TypeError(`checks: ${String(severity)} is no severity`);
  const named = everyCheck.filter(
    (check) => ids === undefined || [check.id, ...check.aliases].some((id) => ids.includes(id)),
  );
  const lost = ids?.find((id) => !named.some((check) => check.id === id || check.aliases.includes(id)));
  if (lost !== undefined) throw new TypeError(`checks: there is no check ${lost}`);
  return ids === undefined ? named.filter((check) => severities.indexOf(check.severity) <= threshold) : named;
}

function findingsOf(object: JsonObject, checks: readonly Check[]): readonly Misconfiguration[] {
  const { documents } = readConfigs([{ path: "object.json", text: JSON.stringify(object) }]);
  return runChecks(documents, { checks }).findings.filter(({ status }) => status === "fail" || status === "unknown");
}

function messageOf({ message, title, id }: Misconfiguration): string {
  return message ?? title ?? id;
}
