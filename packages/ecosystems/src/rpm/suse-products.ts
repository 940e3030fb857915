import type { Distro } from "@plimsoll/model";

/** Modules whose packages make up SUSE's own container images. */
const modules = [
  "Basesystem",
  "Server Applications",
  "Containers",
  "Development Tools",
  "Legacy",
  "Public Cloud",
  "Python 3",
  "Web and Scripting",
];

/** OSV's names of the SUSE and openSUSE products of a release. */
export function suseNamespaces({ id, versionId = "" }: Distro): readonly string[] {
  // MicroOS is made of the same packages.
  if (id === "opensuse-tumbleweed" || id === "opensuse-microos") return ["openSUSE:Tumbleweed"];
  if (!/^\d+(?:\.\d+)*$/.test(versionId)) return [];
  switch (id) {
    case "opensuse-leap":
    case "opensuse":
      return [`openSUSE:Leap ${versionId}`];
    case "opensuse-leap-micro":
      return [`openSUSE:Leap Micro ${versionId}`];
    case "sle-micro":
    case "sle-micro-rancher":
    case "suse-microos":
      return [`SUSE:Linux Enterprise Micro ${versionId}`];
    case "sl-micro":
      return [`SUSE:Linux Micro ${versionId}`];
    case "sles":
    case "sles_sap":
    case "sle_hpc":
    case "sled":
      return enterprise(id, versionId);
    default:
      return [];
  }
}

const products: ReadonlyMap<string, string> = new Map([
  ["sles_sap", "Server for SAP Applications"],
  ["sle_hpc", "High Performance Computing"],
  ["sled", "Desktop"],
]);

/** `15.5` is `15 SP5`; from 16 on releases have plain numbers and no modules. */
function enterprise(id: string, versionId: string): readonly string[] {
  const [major = "", pack = "0"] = versionId.split(".", 2);
  const release = Number(major) >= 16 ? versionId : pack === "0" ? major : `${major} SP${pack}`;
  const names = ["Server", ...(products.has(id) ? [products.get(id) ?? ""] : [])];
  return [
    ...names.map((name) => `SUSE:Linux Enterprise ${name} ${release}`),
    `SUSE:Linux Enterprise Server ${release}-LTSS`,
    ...(major === "15" ? modules.map((name) => `SUSE:Linux Enterprise Module for ${name} ${release}`) : []),
  ];
}
