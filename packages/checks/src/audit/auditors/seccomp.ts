import { asText, member } from "@plimsoll/kubernetes";
import { compareText } from "@plimsoll/model";
import type { Container } from "@plimsoll/kubernetes";
import { podSecuritySetting, securitySetting, type AuditedObject } from "../audited-object.ts";
import { removeMember, setMember, type AuditFix, type Auditor, type AuditResult } from "../auditor.ts";

const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";
const runtimeDefault = "RuntimeDefault";

/** Pods, or all of their containers, have a seccomp profile. */
export const seccomp: Auditor = {
  name: "seccomp",
  *audit(object) {
    if (object.pod === undefined) return;
    yield* deprecatedAnnotations(object);
    yield* auditPod(object, object.pod.specPath);
    for (const container of object.containers) yield* auditContainer(object, container);
  },
};

/** The type of a seccomp profile; undefined where there is no profile. */
function typeOf(profile: unknown): string | undefined {
  return profile === undefined ? undefined : (asText(member(profile, "type")) ?? "");
}

function podProfile(object: AuditedObject): string | undefined {
  return typeOf(podSecuritySetting(object, "seccompProfile"));
}

function profileOf(container: Container): string | undefined {
  return typeOf(securitySetting(container, "seccompProfile"));
}

function isOn(profile: string | undefined): boolean {
  return profile === runtimeDefault || profile === "Localhost";
}

function* deprecatedAnnotations(object: AuditedObject): Iterable<AuditResult> {
  const keys = Object.keys(object.annotations).filter(
    (key) => key === podAnnotation || key.startsWith(containerAnnotation),
  );
  if (keys.length === 0) return;
  if (podProfile(object) !== undefined || object.containers.some((each) => profileOf(each) !== undefined)) return;
  const path = [...object.metadataPath, "annotations"];
  yield {
    rule: "SeccompDeprecatedAnnotations",
    level: "warning",
    message: "Kubernetes ignores annotations for seccomp since 1.27. Set a profile in the pod's security context.",
    metadata: { AnnotationKeys: [...keys].sort(compareText).join(", ") },
    path,
    fix: keys.map((key) => removeMember(object, [...path, key])),
  };
}

function podFix(object: AuditedObject, specPath: AuditResult["path"]): AuditFix {
  return setMember(object, [...specPath, "securityContext", "seccompProfile"], { type: runtimeDefault });
}

function* auditPod(object: AuditedObject, specPath: AuditResult["path"]): Iterable<AuditResult> {
  const profile = podProfile(object);
  if (profile === undefined) {
    if (object.containers.every((each) => isOn(profileOf(each)))) return;
    yield {
      rule: "SeccompProfileMissing",
      level: "error",
      message: "The pod has no seccomp profile. Set one in its security context.",
      metadata: {},
      path: specPath,
      fix: [podFix(object, specPath)],
    };
  } else if (!isOn(profile))
    yield {
      rule: "SeccompDisabledPod",
      level: "error",
      message: `The pod's seccomp profile ${profile} switches seccomp off. Use ${runtimeDefault} or Localhost.`,
      metadata: { SeccompProfileType: profile },
      path: [...specPath, "securityContext", "seccompProfile"],
      fix: [podFix(object, specPath)],
    };
}

/** A container without a profile has its pod's. */
function* auditContainer(object: AuditedObject, container: Container): Iterable<AuditResult> {
  const profile = profileOf(container);
  if (profile === undefined || isOn(profile)) return;
  const path = [...container.path, "securityContext", "seccompProfile"];
  const pod = podProfile(object);
  const removed = pod === undefined || pod === runtimeDefault;
  yield {
    rule: "SeccompDisabledContainer",
    level: "error",
    message: removed
      ? `The container's seccomp profile ${profile} switches seccomp off. Remove it, so that the pod's applies.`
      : `The container's seccomp profile ${profile} switches seccomp off. Use ${runtimeDefault} or Localhost.`,
    metadata: { Container: container.name, SeccompProfileType: profile },
    path,
    fix: [
      removed ? removeMember(object, path) : setMember(object, path, { type: runtimeDefault }),
      // Nothing is on until the pod says so.
      ...(pod === undefined && object.pod !== undefined ? [podFix(object, object.pod.specPath)] : []),
    ],
  };
}
