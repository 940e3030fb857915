import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { semver } from "../shared/versions/semver.ts";
import { nimbleInstalled } from "./installed.ts";
import { nimbleLock } from "./lock.ts";
import { nimbleManifest, nimbleRequested } from "./manifest.ts";

/** Packages of Nimble, Nim's package manager. No open database has advisories for them. */
export const nimble: Ecosystem = defineEcosystem({
  id: "nimble",
  analyzers: [nimbleInstalled, nimbleLock, nimbleManifest, nimbleRequested],
  foreignDirectories: [
    { name: ".nimble/pkgs" },
    { name: ".nimble/pkgs2" },
    { name: "nimbledeps/pkgs" },
    { name: "nimbledeps/pkgs2" },
  ],
  versions: semver,
});
