import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { semver } from "../shared/versions/semver.ts";
import { jsrDenoLock } from "./deno-lock.ts";
import { jsrImports, jsrRequested } from "./imports.ts";

/**
 * Packages of the JavaScript Registry (https://jsr.io). They are not those of npm that have the same names, and nobody publishes advisories for
 * them. The purl specification has no type for them yet; `jsr` is what the registry's own statements of provenance say.
 */
export const jsr: Ecosystem = defineEcosystem({
  id: "jsr",
  analyzers: [jsrDenoLock, jsrImports, jsrRequested],
  versions: semver,
  purl: ({ name, version }) => {
    const cut = name.indexOf("/");
    return formatPurl({ type: "jsr", namespace: name.slice(0, Math.max(0, cut)), name: name.slice(cut + 1), version });
  },
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for packages of JSR" }),
});
