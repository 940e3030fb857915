import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semanticScheme } from "../shared/versions/semver.ts";
import { podfileLock } from "./podfile-lock.ts";

/** CocoaPods. The OSV database has no advisories for pods; others do, under the name of the pod without its subspec. */
export const cocoapods: Ecosystem = defineEcosystem({
  id: "cocoapods",
  analyzers: [podfileLock],
  foreignDirectories: [{ name: "Pods" }],
  versions: semanticScheme("cocoapods"),
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
  advisoryKeys: ({ name, version }) => [{ namespace: "CocoaPods", name: name.replace(/\/.*$/s, ""), version }],
});
