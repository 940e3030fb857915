import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { semver } from "../shared/semver.ts";
import { gleamManifest, mixLock, rebarLock } from "./locks.ts";

/** Elixir, Erlang and Gleam packages of hex.pm. */
export const hex: Ecosystem = defineEcosystem({
  id: "hex",
  analyzers: [mixLock, rebarLock, gleamManifest],
  versions: semver,
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["from"] !== undefined ? [] : [{ namespace: "Hex", name, version }],
});
