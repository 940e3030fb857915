import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { outdatedApi } from "../shared/outdated-apis.ts";
import { atLeast, parseVersion } from "./cluster-version.ts";
import { at, named } from "./subject.ts";

/** API versions that are deprecated or gone. */
export const outdatedApiChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0107",
    name: "evaluate-k8s-deprecated-removed-apis",
    title: "API version is deprecated or gone",
    severity: "LOW",
    description: "A cluster of a later version refuses the object, or soon will.",
    remediation: "Use the API version that replaces it.",
    references: ["https://kubernetes.io/docs/reference/using-api/deprecation-guide/"],
    *evaluate({ object }, { kubernetesVersion }) {
      const outdated = outdatedApi(object.apiVersion, object.kind);
      if (outdated === undefined) return;
      const version = kubernetesVersion === undefined ? undefined : parseVersion(kubernetesVersion);
      // Without a version every cluster is meant.
      if (version !== undefined && !atLeast(version, outdated.deprecated)) return;
      const instead = outdated.replacement === "" ? "nothing replaces it" : `use ${outdated.replacement}`;
      yield {
        message: `${named(object)} has the API version ${object.apiVersion}, deprecated in ${outdated.deprecated} and gone in ${outdated.removed}: ${instead}`,
        path: at(object, "apiVersion"),
      };
    },
  }),
];
