import { record } from "@plimsoll/formats";
import { pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Docker Hub: https://docs.docker.com/docker-hub/repos/manage/webhooks/ */
export const dockerHub: HookDialect = {
  id: "docker-hub",
  read(body) {
    const name = textOf(record(body["repository"])?.["repo_name"]);
    const data = record(body["push_data"]);
    return name === undefined || data === undefined
      ? undefined
      : pushOf(`docker.io/${name}`, textOf(data["tag"]), undefined);
  },
};
