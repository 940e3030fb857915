import { asObject, member } from "@plimsoll/kubernetes";
import type { ValueFormat } from "../shared/format.ts";

/** CloudFormation templates: they say so, or all of their resources have types, and some of them types of AWS: others are `Custom::…`. */
export const cloudformationFormat: ValueFormat = {
  id: "cloudformation",
  name: "CloudFormation template",
  matches(value) {
    if (Object.hasOwn(value, "AWSTemplateFormatVersion")) return true;
    const types = Object.entries(asObject(member(value, "Resources")) ?? {}).flatMap(([name, resource]) =>
      // `Fn::Transform` and `Fn::ForEach::…` stand among the resources.
      name.startsWith("Fn::") ? [] : [String(member(resource, "Type"))],
    );
    return types.some((type) => type.startsWith("AWS::")) && types.every((type) => type.includes("::"));
  },
};
