import type { AuditedObject } from "../audited-object.ts";
import { removeMember, setMember, type Auditor, type AuditResult } from "../auditor.ts";
import { overridden } from "../overrides.ts";

const prefix = "container.apparmor.security.beta.kubernetes.io/";
const runtimeDefault = "runtime/default";
const localhost = "localhost/";

/** Every container has an AppArmor profile, by the annotation of its pod. */
export const apparmor: Auditor = {
  name: "apparmor",
  *audit(object) {
    for (const { name } of object.containers) {
      const result = auditContainer(object, name);
      if (result?.rule === "AppArmorDisabled") yield* overridden(object, name, "allow-disabled-apparmor", result);
      else if (result !== undefined) yield result;
    }
    yield* strayAnnotations(object);
  },
};

function auditContainer(object: AuditedObject, name: string): AuditResult | undefined {
  const key = prefix + name;
  const path = [...object.metadataPath, "annotations", key];
  const profile = Object.hasOwn(object.annotations, key) ? object.annotations[key] : undefined;
  if (profile === undefined)
    return {
      rule: "AppArmorAnnotationMissing",
      level: "error",
      message: `The container has no AppArmor profile. Add the annotation "${key}".`,
      metadata: { Container: name, MissingAnnotation: key },
      path: object.metadataPath,
      fix: [setMember(object, path, runtimeDefault)],
    };
  if (profile === runtimeDefault || profile.startsWith(localhost)) return undefined;
  return {
    rule: profile === "unconfined" ? "AppArmorDisabled" : "AppArmorBadValue",
    level: "error",
    message: `AppArmor is off. The annotation should be "${runtimeDefault}" or begin with "${localhost}".`,
    metadata: { Container: name, Annotation: key, AnnotationValue: profile },
    path,
    fix: [setMember(object, path, runtimeDefault)],
  };
}

function* strayAnnotations(object: AuditedObject): Iterable<AuditResult> {
  const names = new Set(object.containers.map(({ name }) => name));
  for (const [key, value] of Object.entries(object.annotations)) {
    const container = key.startsWith(prefix) ? (key.split("/")[1] ?? "") : undefined;
    if (container === undefined || names.has(container)) continue;
    const path = [...object.metadataPath, "annotations", key];
    yield {
      rule: "AppArmorInvalidAnnotation",
      level: "error",
      message: `The annotation "${key}: ${value}" is for a container that the pod does not have. Remove it.`,
      metadata: { Container: container, Annotation: `${key}: ${value}` },
      path,
      fix: [removeMember(object, path)],
    };
  }
}
