import { ansibleFormat } from "./ansible/index.ts";
import { azureArmFormat } from "./azure-arm/index.ts";
import { cloudformationFormat } from "./cloudformation/index.ts";
import { composeFormat } from "./compose/index.ts";
import { dockerfileFormat } from "./dockerfile/index.ts";
import { kubernetesFormat } from "./kubernetes/index.ts";
import { kustomizeFormat } from "./kustomize/index.ts";
import type { FileFormat, ListFormat, ValueFormat } from "./shared/format.ts";
import { terraformPlanFormat } from "./terraform-plan/index.ts";
import { terraformFormat } from "./terraform/index.ts";

/** Formats with files of their own. */
export const fileFormats: readonly FileFormat[] = [dockerfileFormat, terraformFormat];

/** Formats in YAML or JSON: the first that matches a document takes it. */
export const valueFormats: readonly ValueFormat[] = [
  kustomizeFormat,
  kubernetesFormat,
  cloudformationFormat,
  terraformPlanFormat,
  azureArmFormat,
  composeFormat,
];

/** Formats whose documents are lists. */
export const listFormats: readonly ListFormat[] = [ansibleFormat];
