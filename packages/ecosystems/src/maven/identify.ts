import type { ArchiveName } from "./archive-name.ts";
import type { Coordinates } from "./coordinates.ts";
import { isToken } from "./coordinates.ts";
import { certainGroup, knownGroup } from "./known-groups.ts";

/** Coordinates that were put together from what an archive says about itself outside of Maven's own files. */
export interface Guess extends Coordinates {
  /** `false`: the group is not known, and the artifact's own name is used for it. */
  readonly groupKnown: boolean;
}

type Manifest = ReadonlyMap<string, string>;

const reverseDomain =
  /^(?:com|org|net|io|edu|gov|de|fr|uk|jp|dev|app|ch|eu|co|me|jakarta|javax|tv|us|nl|be|it|se|cz|pl|ru|cn|info)\.[\w.-]+$/;

/**
 * Names an archive without Maven metadata: the file name first, then the manifest. Undefined where no version or no name is
 * visible; a wrong name would be worse than none.
 */
export function identify(fileName: ArchiveName, manifest: Manifest): Guess | undefined {
  const plugin = jenkinsPlugin(manifest);
  if (plugin !== undefined) return plugin;
  const symbolicName = manifest.get("bundle-symbolicname")?.split(";", 1)[0]?.trim();
  const artifact = artifactOf(fileName, symbolicName, manifest);
  const version = fileName.version ?? versionOf(manifest);
  if (!isToken(artifact) || !isToken(version) || !/\d/.test(version)) return undefined;
  const group = certainGroup(artifact, version) ?? groupOf(artifact, symbolicName, manifest);
  return { group: group ?? artifact, artifact, version, groupKnown: group !== undefined };
}

/** https://www.jenkins.io/doc/developer/plugin-development: plugins carry their coordinates under names of their own. */
function jenkinsPlugin(manifest: Manifest): Guess | undefined {
  const version = manifest.get("plugin-version")?.split(" ", 1)[0];
  const artifact = manifest.get("short-name") ?? manifest.get("extension-name");
  if (!isToken(version) || !isToken(artifact)) return undefined;
  return { group: manifest.get("group-id") ?? "org.jenkins-ci.plugins", artifact, version, groupKnown: true };
}

function artifactOf(fileName: ArchiveName, symbolicName: string | undefined, manifest: Manifest): string | undefined {
  if (fileName.version !== undefined) return fileName.artifact;
  const title = manifest.get("implementation-title");
  if (isToken(title) && !reverseDomain.test(title)) return title;
  if (isToken(title) && lastPart(title) === fileName.artifact) return fileName.artifact;
  // A section about the Java package that the file is named after.
  if (manifest.get("name")?.replace(/\/$/, "").endsWith(`/${fileName.artifact}`) === true) return fileName.artifact;
  // Without any statement of its own, "app.jar" with a version somewhere is no artifact that others know.
  if (!isToken(symbolicName)) return undefined;
  return `${symbolicName.startsWith("org.springframework.") ? "spring-" : ""}${lastPart(symbolicName)}`;
}

function versionOf(manifest: Manifest): string | undefined {
  return (
    ["implementation-version", "bundle-version", "specification-version"]
      // A build may be told after the version: `1.4 1855 April 22 2006`.
      .map((name) => manifest.get(name)?.split(" ", 1)[0])
      .find((version) => isToken(version) && /\d/.test(version))
  );
}

function groupOf(artifact: string, symbolicName: string | undefined, manifest: Manifest): string | undefined {
  const stated = manifest.get("implementation-vendor-id");
  const title = manifest.get("implementation-title");
  // `org.apache` says less than `org.apache.ivy`.
  if (isToken(title) && /^\w+\.\w+$/.test(stated ?? "") && title === `${stated}.${artifact}`) return title;
  if (isToken(stated) && reverseDomain.test(stated)) return stated;
  const known = knownGroup(artifact);
  if (known !== undefined) return known;
  if (reverseDomain.test(artifact)) return withoutLastPart(artifact);
  const section = manifest.get("name")?.replaceAll("/", ".").replace(/\.$/, "");
  if (isToken(section) && reverseDomain.test(section) && lastPart(section) === artifact) return section;
  for (const name of [symbolicName, manifest.get("automatic-module-name"), manifest.get("implementation-title")]) {
    if (isToken(name) && reverseDomain.test(name)) return groupFromName(name, artifact);
  }
  return undefined;
}

/** `org.apache.commons.io` with artifact `commons-io` is in `org.apache.commons`; `com.acme.tool` with `other` in `com.acme.tool`. */
function groupFromName(name: string, artifact: string): string {
  const last = lastPart(name).toLowerCase();
  const group = artifact.toLowerCase().includes(last) ? withoutLastPart(name) : name;
  return group.includes(".") ? group : name;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function withoutLastPart(name: string): string {
  const cut = name.lastIndexOf(".");
  return cut === -1 ? name : name.slice(0, cut);
}
