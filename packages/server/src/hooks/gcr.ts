import { jsonIn, record } from "@plimsoll/formats";
import { textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Google's registries, as Pub/Sub pushes: https://cloud.google.com/artifact-registry/docs/configure-notifications */
export const gcr: HookDialect = {
  id: "gcr",
  read({ message }) {
    const data = textOf(record(message)?.["data"]);
    if (data === undefined) return undefined;
    const event = record(jsonIn(Buffer.from(data, "base64").toString("utf8")));
    if (event === undefined) return undefined;
    if (event["action"] !== "INSERT") return [];
    const [tag, digest] = [textOf(event["tag"]), textOf(event["digest"])];
    const at = digest?.indexOf("@") ?? -1;
    if (tag === undefined) return digest === undefined ? [] : [{ reference: digest }];
    return [{ reference: at < 0 || digest === undefined ? tag : `${tag}${digest.slice(at)}` }];
  },
};
