import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semanticScheme } from "../shared/versions/semver.ts";
import { packageResolved } from "./package-resolved.ts";
import { workspaceState } from "./workspace-state.ts";

/** Swift packages, named by the repository they come from. */
export const swift: Ecosystem = defineEcosystem({
  id: "swift",
  analyzers: [workspaceState, packageResolved],
  foreignDirectories: [
    { name: ".build/checkouts" },
    { name: "SourcePackages/checkouts" },
    { name: "Carthage/Checkouts" },
  ],
  versions: semanticScheme("swift"),
  purl({ name, version }) {
    const cut = name.lastIndexOf("/");
    return formatPurl({
      type: "swift",
      namespace: cut === -1 ? undefined : name.slice(0, cut),
      name: name.slice(cut + 1),
      version,
    });
  },
  // OSV's SwiftURL names packages by the address without its scheme.
  advisoryKeys: ({ name, version }) => (/^v?\d/.test(version) ? [{ namespace: "SwiftURL", name, version }] : []),
});
