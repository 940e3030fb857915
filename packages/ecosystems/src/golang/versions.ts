import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareSemanticVersions, parseSemanticVersion } from "../shared/versions/semantic-version.ts";

/**
 * Versions of Go modules (https://go.dev/ref/mod#versions) and of Go itself: `v1.2.3`, pseudo-versions, `+incompatible`,
 * and `go1.22rc1`. Prefixes are optional, as advisories leave them out.
 */
export const goVersions: VersionScheme = defineVersionScheme({
  id: "go",
  parse: (text) => parseSemanticVersion(text.trim().replace(/^go(?=\d)/, "")),
  compare: compareSemanticVersions,
});
