import { pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Quay's notification of a push: https://docs.projectquay.io/use_quay.html#repository-events */
export const quay: HookDialect = {
  id: "quay",
  read(body) {
    const name = textOf(body["docker_url"]);
    const tags: unknown = body["updated_tags"];
    if (name === undefined || !Array.isArray(tags)) return undefined;
    return tags.flatMap((tag: unknown) => pushOf(name, textOf(tag), undefined));
  },
};
