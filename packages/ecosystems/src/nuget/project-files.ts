import { xmlSteps } from "@plimsoll/formats";
import type { XmlDocument, XmlElement } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation, TreeAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { maxImportedBytes, maxVersionLength, ProjectProperties, readProject } from "./project-properties.ts";
import { descendants } from "./xml-descendants.ts";

/** `packages.config` (learn.microsoft.com/nuget/reference/packages-config). */
export const packagesConfig: FileAnalyzer = parsedFile({
  id: "nuget/packages-config",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "packages.config" }],
  language: "xml",
  steps: (text) => xmlSteps(text),
  read: (document, file) =>
    readElements(document, file, "packages", (element) => {
      if (element.name !== "package") return undefined;
      const isDevelopment = element.attributes.get("developmentDependency")?.toLowerCase() === "true";
      return entry(element.attributes.get("id"), element.attributes.get("version"), isDevelopment);
    }),
});

/**
 * Project files and what MSBuild imports into all projects below a directory: `*.csproj`, `Directory.Packages.props`
 * (learn.microsoft.com/nuget/consume-packages/central-package-management), `Directory.Build.props`
 * (learn.microsoft.com/visualstudio/msbuild/customize-by-directory). Properties that such files set count in the projects, and so do those of files
 * that they import by a relative path.
 */
export const projectFiles: TreeAnalyzer = {
  kind: "tree",
  id: "nuget/project-files",
  revision: 3,
  evidence: "declared",
  matches: [{ suffix: ".csproj" }, { suffix: ".fsproj" }, { suffix: ".vbproj" }, { suffix: ".props" }],
  maxBytes: 64 * 1024 * 1024,
  // Others are of use for their properties alone.
  wants: ({ path, size }) => listsPackages.test(path) || size <= maxImportedBytes,
  async *analyze(files): AsyncGenerator<Observation> {
    const properties = new ProjectProperties(files);
    for (const file of files) {
      if (!listsPackages.test(file.path)) continue;
      const read = await readProject(file);
      if ("problem" in read) {
        yield read.problem;
        continue;
      }
      properties.note(file.path, read.value.root);
      yield* packagesOf(file, read.value, await properties.of(file.path));
    }
    if (properties.isCut)
      yield {
        kind: "diagnostic",
        code: "limit-exceeded",
        effect: "incomplete",
        message: "Projects import more property files than are followed: versions that such files set may be missing",
      };
  },
};

/** Files whose packages are read; of other property files only what is imported counts. */
const listsPackages = /ackages\.props$|\.(?:cs|fs|vb)proj$|(?:^|\/)Directory\.Build\.props$/;

function* packagesOf(
  file: AnalyzedFile,
  document: XmlDocument,
  propertyOf: (name: string) => string | undefined,
): Generator<Observation> {
  yield* readElements(document, file, "Project", (element) => {
    if (!/^(?:PackageReference|PackageVersion|GlobalPackageReference)$/.test(element.name)) return undefined;
    const name = element.attributes.get("Include") ?? element.attributes.get("Update");
    const version =
      element.attributes.get("Version") ?? element.attributes.get("VersionOverride") ?? versionElement(element);
    const isDevelopment = element.attributes.get("PrivateAssets")?.toLowerCase() === "all";
    return entry(name, version === undefined ? undefined : filled(version, propertyOf), isDevelopment);
  });
}

/** `$(Name)` with what the property is; a property that is made of others, and what no version is as long as, is left for `entry` to refuse. */
function filled(version: string, propertyOf: (name: string) => string | undefined): string {
  if (version.length > maxVersionLength) return version;
  const text = version.replaceAll(
    /\$\(([\w.-]{1,256})\)/g,
    (whole, name: string) => propertyOf(name.toLowerCase()) ?? whole,
  );
  return text.length > maxVersionLength ? version : text;
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
    if (found !== undefined) yield { kind: "package", package: found, at: file.path, line: element.line };
  }
}
