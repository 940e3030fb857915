import { record } from "@plimsoll/formats";
import { pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Amazon ECR's events as EventBridge forwards them: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export const ecr: HookDialect = {
  id: "ecr",
  read({ account, region, detail }) {
    const what = record(detail);
    const [number, place] = [textOf(account), textOf(region)];
    if (what === undefined || number === undefined || place === undefined) return undefined;
    if (what["action-type"] !== "PUSH" || what["result"] !== "SUCCESS") return [];
    const name = textOf(what["repository-name"]);
    const suffix = place.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return pushOf(
      name === undefined ? undefined : `${number}.dkr.ecr.${place}.${suffix}/${name}`,
      textOf(what["image-tag"]),
      textOf(what["image-digest"]),
    );
  },
};
