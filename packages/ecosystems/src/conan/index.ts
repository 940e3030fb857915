import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { conanLock } from "./lock.ts";
import { conanfile, conaninfo } from "./text-files.ts";
import { conanVersions } from "./versions.ts";

/** C and C++ packages of Conan. */
export const conan: Ecosystem = defineEcosystem({
  id: "conan",
  analyzers: [conaninfo, conanLock, conanfile],
  foreignDirectories: [{ name: ".conan/data" }, { name: ".conan2/p" }],
  versions: conanVersions,
  // purl-spec wants the user as namespace whenever there is a channel, and the other way round.
  purl: ({ name, version, facts }) =>
    formatPurl({
      type: "conan",
      ...(facts?.["user"] === undefined || facts["channel"] === undefined
        ? {}
        : { namespace: facts["user"], qualifiers: { channel: facts["channel"] } }),
      name,
      version,
    }),
  advisoryKeys: ({ name, version }) => [{ namespace: "ConanCenter", name, version }],
});
