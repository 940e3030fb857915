import type { Auditor } from "../auditor.ts";
import { apparmor } from "./apparmor.ts";
import { capabilities } from "./capabilities.ts";
import { deprecatedApis } from "./deprecated-apis.ts";
import { hostNamespaces } from "./host-namespaces.ts";
import { image } from "./image.ts";
import { limits } from "./limits.ts";
import { mounts } from "./mounts.ts";
import { networkPolicies } from "./network-policies.ts";
import { nonRoot } from "./non-root.ts";
import { seccomp } from "./seccomp.ts";
import { privileged, privilegeEscalation, rootFilesystem } from "./security-settings.ts";
import { serviceAccountToken } from "./service-account-token.ts";

/** Every auditor, by name. */
export const everyAuditor: readonly Auditor[] = [
  apparmor,
  serviceAccountToken,
  capabilities,
  deprecatedApis,
  hostNamespaces,
  image,
  limits,
  mounts,
  networkPolicies,
  nonRoot,
  privilegeEscalation,
  privileged,
  rootFilesystem,
  seccomp,
];
