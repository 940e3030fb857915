import { objectOf, pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Azure Container Registry: https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference */
export const acr: HookDialect = {
  id: "acr",
  read({ action, target, request }) {
    const what = objectOf(target);
    if (textOf(action) === undefined || (what === undefined && action !== "ping")) return undefined;
    if (action !== "push" || what === undefined) return [];
    const host = textOf(objectOf(request)?.["host"]);
    const name = textOf(what["repository"]);
    return pushOf(
      host === undefined || name === undefined ? undefined : `${host}/${name}`,
      textOf(what["tag"]),
      textOf(what["digest"]),
    );
  },
};
