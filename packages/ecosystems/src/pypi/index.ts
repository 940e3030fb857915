import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { isSeal, settleSealed, withSeal } from "../shared/names/sealed-libraries.ts";
import { pypiEggs, pypiWheels } from "./archives.ts";
import { condaPip } from "./conda-files.ts";
import { pypiDirectUrl } from "./direct-url.ts";
import { pyprojectManifest, setupScript } from "./manifests.ts";
import { pypiMetadata } from "./metadata.ts";
import { normalizeName } from "./name.ts";
import { pipfileLock } from "./pipfile-lock.ts";
import { pypiPixi } from "./pixi.ts";
import { pypiRecord } from "./record.ts";
import { pypiRequested } from "./requested.ts";
import { pypiRequirements } from "./requirements-file.ts";
import { poetryLock } from "./poetry-lock.ts";
import { pyLock } from "./pylock.ts";
import { pdmLock, uvLock } from "./toml-locks.ts";
import { pypiVersions, rebuiltPypiVersions } from "./versions.ts";

/** Python packages of the Python Package Index. */
export const pypi: Ecosystem = defineEcosystem({
  id: "pypi",
  analyzers: [
    pypiMetadata,
    pypiRecord,
    pypiDirectUrl,
    pypiEggs,
    pypiWheels,
    pypiRequirements,
    pypiRequested,
    pipfileLock,
    poetryLock,
    uvLock,
    pdmLock,
    pyLock,
    pyprojectManifest,
    setupScript,
    condaPip,
    pypiPixi,
  ],
  foreignDirectories: [
    { name: "site-packages" },
    { name: "dist-packages" },
    { name: "__pypackages__" },
    { name: ".eggs" },
  ],
  versions: pypiVersions,
  purl: ({ name, version }) => formatPurl({ type: "pypi", name: normalizeName(name), version }),
  advisoryKeys: ({ name, version }) =>
    withSeal([{ namespace: "PyPI", name: normalizeName(name), version }], /^seal-/, /\+sp\d+$/),
  applicability: {
    settles: settleSealed,
    schemeFor: (key) => (isSeal(key) ? rebuiltPypiVersions : pypiVersions),
  },
});
