import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { pearRegistry } from "./registry.ts";

/** PHP extensions and libraries of PECL and PEAR. No open database has advisories for them. */
export const pear: Ecosystem = defineEcosystem({
  id: "pear",
  analyzers: [pearRegistry],
  purl: ({ name, version, facts }) =>
    formatPurl({ type: "pear", namespace: facts?.["channel"] ?? "pecl.php.net", name, version }),
});
