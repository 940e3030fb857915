import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareRuns, splitRuns } from "../shared/versions/dpkg-versions.ts";
import type { Run } from "../shared/versions/dpkg-versions.ts";

/**
 * opam's order (https://opam.ocaml.org/doc/Manual.html#version-ordering): as dpkg orders upstream versions, for the whole
 * text. There is no epoch and no revision, and a version may begin with a letter (`v0.16.0`, `base`).
 */
export const opamVersions: VersionScheme = defineVersionScheme<readonly Run[]>({
  id: "opam",
  parse: (text) => (/^[\w.+~-]+$/.test(text) ? splitRuns(text) : undefined),
  compare: compareRuns,
});
