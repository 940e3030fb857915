import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { wordpressHeaders } from "./headers.ts";

/** WordPress, its plugins and themes. No open database has advisories for them. */
export const wordpress: Ecosystem = defineEcosystem({
  id: "wordpress",
  analyzers: [wordpressHeaders],
  purl: ({ name, version, facts }) => {
    const kind = facts?.["kind"] ?? "plugin";
    return formatPurl({ type: kind === "core" ? "generic" : `wordpress-${kind}`, name, version });
  },
  lookupGap: ({ facts }) =>
    facts?.["kind"] === "core"
      ? undefined
      : { code: "no-advisories", message: "No open database has advisories for plugins and themes of WordPress" },
});
