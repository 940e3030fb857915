import { record } from "@plimsoll/formats";
import { pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** GitHub's `package` and `registry_package` events: https://docs.github.com/webhooks/webhook-events-and-payloads#registry_package */
export const github: HookDialect = {
  id: "github",
  read(body) {
    const pkg = record(body["registry_package"]) ?? record(body["package"]);
    // What GitHub sends when a webhook is made.
    if (pkg === undefined) return "zen" in body ? [] : undefined;
    const version = record(pkg["package_version"]) ?? {};
    if ((textOf(pkg["package_type"]) ?? "").toLowerCase() !== "container") return [];
    if (body["action"] !== "published" && body["action"] !== "updated") return [];
    const owner = textOf(record(pkg["owner"])?.["login"]) ?? textOf(pkg["namespace"]);
    const name = textOf(pkg["name"]);
    const tag = record(record(version["container_metadata"])?.["tag"]) ?? {};
    const digest = textOf(tag["digest"]) ?? textOf(version["version"]);
    return pushOf(
      owner === undefined || name === undefined ? undefined : `ghcr.io/${owner.toLowerCase()}/${name.toLowerCase()}`,
      textOf(tag["name"]),
      digest?.startsWith("sha256:") === true ? digest : undefined,
    );
  },
};
