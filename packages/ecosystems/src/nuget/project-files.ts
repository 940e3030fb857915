import { parseXml } from "@plimsoll/formats";
import type { XmlDocument, XmlElement } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** `packages.config` (learn.microsoft.com/nuget/reference/packages-config). */
export const packagesConfig: FileAnalyzer = parsedFile({
  id: "nuget/packages-config",
  revision: 2,
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
  revision: 2,
  evidence: "declared",
  matches: [{ suffix: "ackages.props" }, { suffix: ".csproj" }, { suffix: ".fsproj" }, { suffix: ".vbproj" }],
  language: "xml",
  parse: parseXml,
  *read(document, file) {
    const properties = propertiesOf(document.root);
    yield* readElements(document, file, "Project", (element) => {
      if (!/^(?:PackageReference|PackageVersion|GlobalPackageReference)$/.test(element.name)) return undefined;
      const name = element.attributes.get("Include") ?? element.attributes.get("Update");
      const version =
        element.attributes.get("Version") ?? element.attributes.get("VersionOverride") ?? versionElement(element);
      const isDevelopment = element.attributes.get("PrivateAssets")?.toLowerCase() === "all";
      return entry(name, version === undefined ? undefined : filled(version, properties), isDevelopment);
    });
  },
});

/** Properties by their names in lower case: those that the file itself gives one value, whatever the conditions say. */
function propertiesOf(root: XmlElement): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  const unfit = new Set<string>();
  for (const group of descendants(root)) {
    if (group.name !== "PropertyGroup") continue;
    for (const { name, text } of group.children) {
      const [key, value] = [name.toLowerCase(), text.trim()];
      const isOther = (properties.get(key) ?? value) !== value;
      if (isOther || value.length > maxVersionLength) unfit.add(key);
      else properties.set(key, value);
    }
  }
  for (const key of unfit) properties.delete(key);
  return properties;
}

/** No version is longer; what is longer could be filled with a multiple of the file. */
const maxVersionLength = 256;

/** `$(Name)` with what the property is; a property that is made of others is left for `entry` to refuse. */
function filled(version: string, properties: ReadonlyMap<string, string>): string {
  if (version.length > maxVersionLength) return version;
  return version.replaceAll(
    /\$\(([\w.-]{1,256})\)/g,
    (whole, name: string) => properties.get(name.toLowerCase()) ?? whole,
  );
}

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
