import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/purl.ts";
import { podfileLock } from "./podfile-lock.ts";

/** CocoaPods. No advisory database speaks of pods under this name. */
export const cocoapods: Ecosystem = defineEcosystem({
  id: "cocoapods",
  analyzers: [podfileLock],
  // purl-spec: subspecs go into the subpath.
  purl({ name, version }) {
    const cut = name.indexOf("/");
    return formatPurl({
      type: "cocoapods",
      name: cut === -1 ? name : name.slice(0, cut),
      version,
      subpath: cut === -1 ? undefined : name.slice(cut + 1),
    });
  },
  lookupGap: () => ({ code: "no-advisories", message: "No advisory source names CocoaPods" }),
});
