import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { assemblyFile } from "./assembly.ts";
import { depsJson } from "./deps-json.ts";
import { nuspec } from "./nuspec.ts";
import { packagesLock } from "./packages-lock.ts";
import { paketDependencies, paketLock } from "./paket.ts";
import { projectAssets } from "./project-assets.ts";
import { packagesConfig, projectFiles } from "./project-files.ts";
import { placedAssemblies } from "./placed-assemblies.ts";
import { singleFileBundle } from "./single-file-bundle.ts";
import { nugetVersions } from "./versions.ts";

/** .NET packages and runtimes. */
export const nuget: Ecosystem = defineEcosystem({
  id: "nuget",
  analyzers: [
    depsJson,
    nuspec,
    singleFileBundle,
    assemblyFile,
    placedAssemblies,
    packagesLock,
    packagesConfig,
    projectAssets,
    projectFiles,
    paketLock,
    paketDependencies,
  ],
  foreignDirectories: [{ name: ".nuget/packages" }],
  versions: nugetVersions,
  normalName: (name) => name.toLowerCase(),
  purl({ name, version, facts }) {
    if (facts?.["source"] !== "github") return formatPurl({ type: "nuget", name, version });
    const [namespace = "", repository = ""] = name.split("/");
    return formatPurl({ type: "github", namespace, name: repository, version });
  },
  // Ids are case-insensitive; advisories are looked up under the lower-case form, which is what the stores index.
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["source"] === "github" ? [] : [{ namespace: "NuGet", name: name.toLowerCase(), version }],
});
