import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { semver } from "../shared/versions/semver.ts";
import { cargoAuditable } from "./auditable.ts";
import { cargoLock } from "./lock.ts";
import { cargoManifest } from "./manifest.ts";
import { cargoRequested } from "./requested.ts";

/** Rust crates. */
export const cargo: Ecosystem = defineEcosystem({
  id: "cargo",
  analyzers: [cargoAuditable, cargoLock, cargoManifest, cargoRequested],
  foreignDirectories: [{ name: "registry/src" }, { name: "git/checkouts" }],
  versions: semver,
  advisoryKeys: ({ name, version }) => [{ namespace: "crates.io", name, version }],
});
