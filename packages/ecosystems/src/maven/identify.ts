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
  const isBundle = artifact === symbolicName && fileName.besideQuarkus === undefined;
  const both = splitApi(artifact) ?? (isBundle ? undefined : splitName(fileName, artifact, version, manifest));
  if (both !== undefined) return { ...both, version, groupKnown: true };
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

/** Names of artifacts have dots only before numbers: `scala-xml_2.13`. */
const plainArtifact = /^[A-Za-z][^.]*(?:\.\d[^.]*)*$/;

/**
 * The APIs of Java EE and Jakarta EE, and what implements them, are named after the package of the API: `jakarta.servlet.jsp` of
 * `org.glassfish.web`.
 */
const apiBehindGroup = /^([\w-]+(?:\.[\w-]+)+?)\.((?:jakarta|javax)(?:\.[a-z]+)+(?:-api)?)$/;

function splitApi(name: string): Pick<Coordinates, "group" | "artifact"> | undefined {
  const [, group, artifact] = apiBehindGroup.exec(name) ?? [];
  return group === undefined || artifact === undefined ? undefined : { group, artifact };
}

/** Beginnings of groups where nothing else than a group can stand: those of countries, too. */
const furtherDomain = /^(?:[a-z]{2}|biz|cloud|software|systems|tech|tools)\.[\w-]+\.[\w.-]+$/;

/**
 * Whether what stands behind a group that the manifest states is the artifact. The whole name may be it as well (`org.wso2.carbon.core` of
 * `org.wso2.carbon`): such parts are words alone, where builds that put the group before them say the title, too.
 */
function isStatedBehind(group: string, artifact: string, manifest: Manifest): boolean {
  const title = manifest.get("implementation-title") ?? "";
  if (!group.includes(".") || title === `${group}.${artifact}`) return false;
  return /[-_]/.test(artifact) || artifact.toLowerCase() === title.toLowerCase();
}

/**
 * Some builds put the group before the artifact: sbt-native-packager (`org.postgresql.postgresql-42.7.2.jar`), and Quarkus for all that
 * it lays beside an application. Elsewhere a name with dots may be the artifact's alone, as those of bundles are: then the group has to
 * be known, or stated.
 */
function splitName(
  fileName: ArchiveName,
  name: string,
  version: string,
  manifest: Manifest,
): Pick<Coordinates, "group" | "artifact"> | undefined {
  if (fileName.version === undefined || !name.includes(".")) return undefined;
  for (let at = name.indexOf("."); at !== -1; at = name.indexOf(".", at + 1)) {
    const [group, artifact] = [name.slice(0, at), name.slice(at + 1)];
    if (!plainArtifact.test(artifact)) continue;
    const known = certainGroup(artifact, version) ?? knownGroup(artifact);
    if (
      group === known ||
      (group === manifest.get("implementation-vendor-id") && isStatedBehind(group, artifact, manifest))
    )
      return { group, artifact };
  }
  if (fileName.besideQuarkus === undefined) return undefined;
  // `mysql.mysql-connector-java`, of the time before groups were domains.
  const [, oldGroup, oldArtifact] = /^([a-z][\w-]*)\.(\1(?:-[^.]*)?)$/.exec(name) ?? [];
  if (oldGroup !== undefined && oldArtifact !== undefined) return { group: oldGroup, artifact: oldArtifact };
  if (!reverseDomain.test(name) && !furtherDomain.test(name)) return undefined;
  // `org.eclipse.sisu.org.eclipse.sisu.inject`: the artifact has the group's domain, too.
  const domain = /^[^.]+\.[^.]+\./.exec(name)?.[0] ?? "";
  const again = name.indexOf(`.${domain}`, 1);
  const cut = again === -1 ? /\.[A-Za-z][^.]*(?:\.\d[^.]*)*$/.exec(name)?.index : again;
  if (cut === undefined) return undefined;
  const [group, artifact] = [name.slice(0, cut), name.slice(cut + 1)];
  // Karaf has such a directory, too, with bundles under their full names: `org.apache.karaf.main`.
  const isPlain = /^[a-z]+$/.test(artifact) && !group.endsWith(`.${artifact}`);
  return fileName.besideQuarkus === "boot" && isPlain ? undefined : { group, artifact };
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
  // `asm-tree.jar` with `org.objectweb.asm.tree`, `h2.jar` with `com.h2database`.
  if (knownGroup(fileName.artifact) !== undefined || certainGroup(fileName.artifact, "") !== undefined)
    return fileName.artifact;
  return `${symbolicName.startsWith("org.springframework.") ? "spring-" : ""}${lastPart(symbolicName)}`;
}

function versionOf(manifest: Manifest): string | undefined {
  // Derby counts its third and fourth number in one: 10.15.2000000.1873585 is 10.15.2.0.
  const derby = /^(\d+\.\d+\.\d{1,3})(\d{6})\.\d+$/.exec(manifest.get("bundle-version") ?? "");
  if (derby !== null && manifest.get("bundle-symbolicname")?.startsWith("derby") === true)
    return `${derby[1]}.${Number(derby[2])}`;
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
  // The name of a bundle that has more in front of the artifact.
  if (symbolicName?.endsWith(`.${artifact}`) === true && artifact.includes(".") && reverseDomain.test(symbolicName))
    return symbolicName.slice(0, -artifact.length - 1);
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
  return group.includes(".") && !umbrellas.has(group) ? group : name;
}

/** Domains of many projects: none of them publishes under the domain itself. */
const umbrellas: ReadonlySet<string> = new Set(["org.apache", "org.eclipse", "com.google", "com.github", "io.github"]);

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function withoutLastPart(name: string): string {
  const cut = name.lastIndexOf(".");
  return cut === -1 ? name : name.slice(0, cut);
}
