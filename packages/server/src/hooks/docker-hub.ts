import { objectOf, pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Docker Hub: https://docs.docker.com/docker-hub/repos/manage/webhooks/ */
export const dockerHub: HookDialect = {
  id: "docker-hub",
  read(body) {
    const name = textOf(objectOf(body["repository"])?.["repo_name"]);
    const data = objectOf(body["push_data"]);
    return name === undefined || data === undefined
      ? undefined
      : pushOf(`docker.io/${name}`, textOf(data["tag"]), undefined);
  },
};
