import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { opamDescription, opamInstalled, opamLock, opamSwitch } from "./analyzers.ts";
import { opamInstallFiles } from "./install-files.ts";
import { opamVersions } from "./versions.ts";

/** OCaml packages of opam. */
export const opam: Ecosystem = defineEcosystem({
  id: "opam",
  analyzers: [opamSwitch, opamInstalled, opamInstallFiles, opamDescription, opamLock],
  foreignDirectories: [{ name: "_opam" }, { name: "_build", beside: ["dune-project", "dune-workspace"] }],
  versions: opamVersions,
  advisoryKeys: ({ name, version }) => [{ namespace: "opam", name, version }],
});
