import { record } from "@plimsoll/formats";
import { pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Azure Container Registry: https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference */
export const acr: HookDialect = {
  id: "acr",
  read({ action, target, request }) {
    const what = record(target);
    if (textOf(action) === undefined || (what === undefined && action !== "ping")) return undefined;
    if (action !== "push" || what === undefined) return [];
    const host = textOf(record(request)?.["host"]);
    const name = textOf(what["repository"]);
    return pushOf(
      host === undefined || name === undefined ? undefined : `${host}/${name}`,
      textOf(what["tag"]),
      textOf(what["digest"]),
    );
  },
};
