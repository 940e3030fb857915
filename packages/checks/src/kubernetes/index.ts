import type { KubernetesCheck } from "../check.ts";
import { configMapChecks } from "./config-maps.ts";
import { controlPlaneChecks } from "./control-plane.ts";
import { imageChecks } from "./images.ts";
import { isolationChecks } from "./isolation.ts";
import { nodeInfoChecks } from "./node-info.ts";
import { objectChecks } from "./objects.ts";
import { outdatedApiChecks } from "./outdated-apis.ts";
import { privilegeChecks } from "./privileges.ts";
import { resourceChecks } from "./resources.ts";
import { bindingChecks, roleChecks } from "./roles.ts";
import { userChecks } from "./users.ts";
import { volumeChecks } from "./volumes.ts";

export { kubernetesSubject } from "./subject.ts";

/** Every check of Kubernetes objects. */
export const kubernetesChecks: readonly KubernetesCheck[] = [
  ...privilegeChecks,
  ...userChecks,
  ...isolationChecks,
  ...volumeChecks,
  ...resourceChecks,
  ...imageChecks,
  ...objectChecks,
  ...roleChecks,
  ...bindingChecks,
  ...configMapChecks,
  ...outdatedApiChecks,
  ...controlPlaneChecks,
  ...nodeInfoChecks,
];
