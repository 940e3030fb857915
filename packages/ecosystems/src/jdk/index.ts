import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/purl.ts";
import { releaseFile } from "./release-file.ts";
import { jvmVersions } from "./versions.ts";

/** Java runtimes that were unpacked rather than installed by a package manager. */
export const jdk: Ecosystem = defineEcosystem({
  id: "jdk",
  analyzers: [releaseFile],
  versions: jvmVersions,
  purl: ({ name, version }) => formatPurl({ type: "generic", namespace: "oracle", name, version }),
  lookupGap: ({ name }) => ({
    code: "no-advisories",
    message: `No feed speaks of ${name} by the name of its release file`,
  }),
});
