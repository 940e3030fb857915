import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareSemanticVersions, parseSemanticVersion } from "../shared/semantic-version.ts";

/**
 * Versions of Bitnami components: `1.2.3-4` is the fourth packaging of 1.2.3. Advisories speak of the version of the program, so
 * that the number behind the dash does not count (https://github.com/bitnami/vulndb).
 */
export const bitnamiVersions: VersionScheme = defineVersionScheme({
  id: "bitnami",
  parse: (text) => parseSemanticVersion(text.trim().replace(/-(?:r)?\d+$/, "")),
  compare: compareSemanticVersions,
});
