import type { SecretRule } from "../secret-rule.ts";
import { aiRules } from "./ai.ts";
import { cloudsRules } from "./clouds.ts";
import { codeHostingRules } from "./code-hosting.ts";
import { genericRules } from "./generic.ts";
import { messagingRules } from "./messaging.ts";
import { monitoringRules } from "./monitoring.ts";
import { packagesRules } from "./packages.ts";
import { paymentsRules } from "./payments.ts";
import { servicesRules } from "./services.ts";

/** Every rule there is, more telling ones before generic ones. Ids are those of gitleaks and Trivy where these have the kind. */
export const everySecretRule: readonly SecretRule[] = [
  ...aiRules,
  ...cloudsRules,
  ...codeHostingRules,
  ...messagingRules,
  ...monitoringRules,
  ...packagesRules,
  ...paymentsRules,
  ...servicesRules,
  ...genericRules,
];
