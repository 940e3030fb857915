import type { ValueFormat } from "../shared/format.ts";

/** What `terraform show -json` writes of a plan. */
export const terraformPlanFormat: ValueFormat = {
  id: "terraformplan-json",
  name: "Terraform plan",
  matches: (value) =>
    ["format_version", "terraform_version", "planned_values", "resource_changes"].every((key) =>
      Object.hasOwn(value, key),
    ),
};
