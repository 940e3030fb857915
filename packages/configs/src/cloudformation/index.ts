import { asObject, member } from "@plimsoll/kubernetes";
import type { ValueFormat } from "../shared/format.ts";

/** CloudFormation templates: they say so, or their resources have types of AWS. */
export const cloudformationFormat: ValueFormat = {
  id: "cloudformation",
  name: "CloudFormation template",
  matches(value) {
    if (Object.hasOwn(value, "AWSTemplateFormatVersion")) return true;
    const resources = Object.values(asObject(member(value, "Resources")) ?? {});
    return resources.length > 0 && resources.every((resource) => String(member(resource, "Type")).startsWith("AWS::"));
  },
};
