import { record } from "@plimsoll/formats";
import { objectsOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Harbor, in its default format: https://goharbor.io/docs/working-with-projects/project-configuration/configure-webhooks/ */
export const harbor: HookDialect = {
  id: "harbor",
  read(body) {
    const type = textOf(body["type"]);
    const data = record(body["event_data"]);
    if (type === undefined || data === undefined) return undefined;
    if (type !== "PUSH_ARTIFACT" && type !== "pushImage") return [];
    return (objectsOf(data["resources"]) ?? []).flatMap((resource) => {
      const [url, digest] = [textOf(resource["resource_url"]), textOf(resource["digest"])];
      if (url === undefined) return [];
      return [{ reference: digest === undefined || url.includes("@") ? url : `${url}@${digest}` }];
    });
  },
};
