import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semver } from "../shared/versions/semver.ts";
import { terraformLock } from "./lock.ts";

/** Providers of Terraform and OpenTofu, named by their whole address. No open database has advisories for them. */
export const terraform: Ecosystem = defineEcosystem({
  id: "terraform",
  analyzers: [terraformLock],
  foreignDirectories: [{ name: ".terraform/modules" }],
  versions: semver,
  purl: ({ name, version }) => {
    const cut = name.lastIndexOf("/");
    return formatPurl({
      type: "terraform",
      ...(cut === -1 ? {} : { namespace: name.slice(0, cut) }),
      name: name.slice(cut + 1),
      version,
    });
  },
});
