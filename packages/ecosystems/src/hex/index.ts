import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semver } from "../shared/versions/semver.ts";
import { hexApplications } from "./applications.ts";
import { gleamRequested, gleamToml } from "./gleam-toml.ts";
import { gleamManifest, mixLock, rebarLock } from "./locks.ts";

/** Elixir, Erlang and Gleam packages of hex.pm. */
export const hex: Ecosystem = defineEcosystem({
  id: "hex",
  analyzers: [hexApplications, mixLock, rebarLock, gleamManifest, gleamToml, gleamRequested],
  // Names that others use, too; `_build` and `build` hold what was built of the dependencies.
  foreignDirectories: [
    { name: "deps", beside: ["mix.exs", "mix.lock", "rebar.config", "rebar.lock", "erlang.mk"] },
    { name: "_build", beside: ["mix.exs", "mix.lock", "rebar.config", "rebar.lock", "erlang.mk"] },
    { name: "build/packages", beside: ["gleam.toml"] },
  ],
  versions: semver,
  purl: ({ name, version, facts }) => formatPurl({ type: facts?.["kind"] === "otp" ? "otp" : "hex", name, version }),
  // An installed application does not say which package it came in.
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["kind"] === "otp"
      ? []
      : [{ namespace: "Hex", name, version, ...(facts?.["kind"] === "application" ? { guessed: true } : {}) }],
});
