import { parseXml } from "@plimsoll/formats";
import type { XmlDocument, XmlElement } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** `packages.config` (learn.microsoft.com/nuget/reference/packages-config). */
export const packagesConfig: FileAnalyzer = parsedFile({
  id: "nuget/packages-config",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "packages.config" }],
  language: "xml",
  parse: parseXml,
  read: (document, file) =>
    readElements(document, file, "packages", (element) => {
      if (element.name !== "package") return undefined;
      const isDevelopment = element.attributes.get("developmentDependency")?.toLowerCase() === "true";
      return entry(element.attributes.get("id"), element.attributes.get("version"), isDevelopment);
    }),
});

/** Project files and the shared property files of central package management: `*.csproj`, `Directory.Packages.props`. */
export const projectFiles: FileAnalyzer = parsedFile({
  id: "nuget/project-files",
  revision: 1,
  evidence: "declared",
  matches: [{ suffix: "ackages.props" }, { suffix: ".csproj" }, { suffix: ".fsproj" }, { suffix: ".vbproj" }],
  language: "xml",
  parse: parseXml,
  read: (document, file) =>
    readElements(document, file, "Project", (element) => {
      if (!/^(?:PackageReference|PackageVersion|GlobalPackageReference)$/.test(element.name)) return undefined;
      const name = element.attributes.get("Include") ?? element.attributes.get("Update");
      const version =
        element.attributes.get("Version") ?? element.attributes.get("VersionOverride") ?? versionElement(element);
      return entry(name, version, element.attributes.get("PrivateAssets")?.toLowerCase() === "all");
    }),
});

function versionElement(element: XmlElement): string | undefined {
  return element.children.find((child) => child.name === "Version")?.text;
}

/** Names and versions that a build would have to compute are left out. */
function entry(name = "", version = "", isDevelopment = false): FoundPackage | undefined {
  const [id, exact] = [name.trim(), version.trim().replace(/^\[([^,\]]+)\]$/, "$1")];
  if (id === "" || exact === "" || /[$%@*,[(]/.test(id + exact)) return undefined;
  return { name: id, version: exact, relationship: "direct", ...(isDevelopment ? { scope: "dev" } : {}) };
}

function* readElements(
  { root, problem }: XmlDocument,
  file: AnalyzedFile,
  rootName: string,
  packageOf: (element: XmlElement) => FoundPackage | undefined,
): Generator<Observation> {
  if (problem !== undefined) yield malformedFile(file, problem);
  if (root.name !== rootName) return yield malformedFile(file, `<${root.name}> where <${rootName}> was expected`);
  for (const element of descendants(root)) {
    const found = packageOf(element);
    if (found !== undefined) yield { kind: "package", package: found, line: element.line };
  }
}

function* descendants(element: XmlElement): Generator<XmlElement> {
  for (const child of element.children) {
    yield child;
    yield* descendants(child);
  }
}
