import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { cpeKeys } from "../shared/names/cpe-keys.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { releaseFile } from "./release-file.ts";
import { jvmVersions } from "./versions.ts";

/** Java runtimes that were unpacked rather than installed by a package manager. */
export const jdk: Ecosystem = defineEcosystem({
  id: "jdk",
  analyzers: [releaseFile],
  versions: jvmVersions,
  purl: ({ name, version }) => formatPurl({ type: "generic", namespace: "oracle", name, version }),
  advisoryKeys: ({ cpes, version, facts }) => cpeKeys(cpes, facts?.["javaVersion"] ?? version),
});
