import { asList, member } from "@plimsoll/kubernetes";
import type { ValueFormat } from "../shared/format.ts";

/** Azure Resource Manager templates: the schema of deployments, and resources. */
export const azureArmFormat: ValueFormat = {
  id: "azure-arm",
  name: "Azure Resource Manager template",
  matches: (value) =>
    /^https:\/\/schema\.management\.azure\.com\/schemas\/[\w.-]+\/\w*deploymentTemplate\.json#?$/i.test(
      String(member(value, "$schema")),
    ) && asList(member(value, "resources")).length > 0,
};
