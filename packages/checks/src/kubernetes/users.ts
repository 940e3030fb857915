import { asList, asObject, member, podTemplatePath } from "@plimsoll/kubernetes";
import type { KubernetesCheck, KubernetesSubject } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, containerHit, named, podSecurityStandards, securityContextTask, setIn, workloads } from "./subject.ts";

const references = [podSecurityStandards, securityContextTask];

/** Users and groups up to this are likely to exist on the node, too. */
const lastSystemId = 10_000;

/** Users and groups that processes run as. */
export const userChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0012",
    name: "no-root",
    title: "May run as root",
    severity: "MEDIUM",
    description: "Nothing forbids the container to run as root, which makes every flaw of the runtime worse.",
    remediation: "Set securityContext.runAsNonRoot to true on the pod or on each container.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (container.securityContext["runAsNonRoot"] !== true)
          yield containerHit(subject, container, "may run as root: runAsNonRoot is not true", {
            cause: ["securityContext", "runAsNonRoot"],
            fix: [setIn(container, ["securityContext", "runAsNonRoot"], true)],
          });
    },
  }),
  highId("KSV-0020", "use-high-uid", "runAsUser", "user"),
  highId("KSV-0021", "use-high-gid", "runAsGroup", "group"),
  kubernetesCheck({
    id: "KSV-0105",
    name: "containers-not-run-as-root",
    title: "Runs as user 0",
    severity: "LOW",
    description:
      "The manifest asks for user 0, which is root inside the container and, without user namespaces, on the node.",
    remediation: "Set runAsUser to a number above 0, or leave it out and set runAsNonRoot.",
    references,
    *evaluate(subject) {
      const { object, pod, containers } = subject;
      for (const container of containers)
        if (member(container.value, "securityContext", "runAsUser") === 0)
          yield {
            ...containerHit(subject, container, "runs as user 0"),
            path: [...container.path, "securityContext"],
            cause: [...container.path, "securityContext", "runAsUser"],
          };
      if (pod !== undefined && member(pod.spec, "securityContext", "runAsUser") === 0)
        yield {
          message: `${named(object)} runs as user 0`,
          path: [...pod.specPath, "securityContext"],
          cause: [...pod.specPath, "securityContext", "runAsUser"],
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0116",
    name: "primary-supplementary-gid",
    title: "Runs with the root group",
    severity: "LOW",
    description: "Files that belong to the root group are open to processes of the pod.",
    remediation: "Set runAsGroup, supplementalGroups and fsGroup of the pod to numbers above 0.",
    references,
    kinds: workloads,
    *evaluate({ object, pod }) {
      const context = asObject(member(pod?.spec, "securityContext"));
      if (pod === undefined || context === undefined) return;
      const path = [...pod.specPath, "securityContext"];
      const fields = ["runAsGroup", "fsGroup"].filter((field) => context[field] === 0);
      if (asList(context["supplementalGroups"]).includes(0)) fields.push("supplementalGroups");
      if (fields.length > 0)
        yield {
          message: `${named(object)} runs with the root group: ${fields.join(", ")} 0`,
          path,
          cause: [...path, fields[0] ?? ""],
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0118",
    name: "no-default-security-context",
    title: "Security context left at its defaults",
    severity: "HIGH",
    description: "An empty security context allows root, all default capabilities and a writable root file system.",
    remediation: "State a securityContext for the pod and for each container.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      const { object, pod, containers } = subject;
      if (pod === undefined) {
        // A template that has metadata alone, as in patches.
        const path = podTemplatePath(object)?.slice(object.path.length) ?? [];
        const template = asObject(member(object.value, ...path));
        if (template !== undefined && (template["spec"] ?? null) === null)
          yield { message: `${named(object)} has no security context for its pod`, path: at(object, ...path) };
        return;
      }
      if (isEmpty(member(pod.spec, "securityContext")))
        yield { message: `${named(object)} has no security context for its pod`, path: pod.specPath };
      for (const container of containers)
        if (Object.keys(container.securityContext).length === 0)
          yield containerHit(subject, container, "has no security context");
    },
  }),
];

function isEmpty(value: unknown): boolean {
  const object = asObject(value);
  return object === undefined || Object.keys(object).length === 0;
}

function highId(id: string, name: string, field: string, what: string): KubernetesCheck {
  return kubernetesCheck({
    id,
    name,
    title: `Runs with a low ${what} id`,
    severity: "LOW",
    description: `A ${what} id up to ${lastSystemId} may be that of a ${what} of the node, with its rights on files there.`,
    remediation: `Set securityContext.${field} above ${lastSystemId}.`,
    references,
    kinds: workloads,
    *evaluate(subject: KubernetesSubject) {
      for (const container of subject.containers) {
        const value = container.securityContext[field];
        if (typeof value !== "number" || value <= lastSystemId)
          yield containerHit(
            subject,
            container,
            value === undefined ? `sets no ${field}` : `runs with ${field} ${String(value).slice(0, 20)}`,
            { cause: ["securityContext", field] },
          );
      }
    },
  });
}
