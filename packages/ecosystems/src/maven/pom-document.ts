import { xmlChild, xmlChildren, xmlText } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";

/** A `pom.xml` as written: nothing inherited, nothing interpolated (maven.apache.org/pom.html). */
export interface Pom {
  readonly group?: string;
  readonly artifact?: string;
  readonly version?: string;
  readonly packaging?: string;
  readonly parent?: PomReference & { readonly relativePath?: string };
  readonly properties: ReadonlyMap<string, string>;
  readonly modules: readonly string[];
  readonly licenses: readonly string[];
  readonly managed: readonly PomDependency[];
  readonly dependencies: readonly PomDependency[];
  /** Those that Maven leaves out unless told otherwise. */
  readonly profiles: readonly PomProfile[];
}

/** What a build may be given in addition. */
export interface PomProfile {
  readonly id: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly managed: readonly PomDependency[];
  readonly dependencies: readonly PomDependency[];
}

export interface PomReference {
  readonly group?: string;
  readonly artifact?: string;
  readonly version?: string;
}

export interface PomDependency extends PomReference {
  readonly type?: string;
  readonly classifier?: string;
  readonly scope?: string;
  readonly optional: boolean;
  readonly exclusions: readonly PomReference[];
  readonly line: number;
}

/** Reads a POM from its root element. Profiles that are active by default are applied, as Maven does without arguments. */
export function readPom(project: XmlElement): Pom {
  const profiles = xmlChildren(xmlChild(project, "profiles"), "profile");
  const active = profiles.filter(isActive);
  const parts = [project, ...active];
  const parent = xmlChild(project, "parent");
  return {
    ...reference(project),
    ...optional("packaging", xmlText(project, "packaging")),
    ...(parent === undefined
      ? {}
      : { parent: { ...reference(parent), ...optional("relativePath", relativePath(parent)) } }),
    properties: new Map(parts.flatMap(properties)),
    modules: parts.flatMap((part) => textsOf(xmlChild(part, "modules"), "module")),
    licenses: xmlChildren(xmlChild(project, "licenses"), "license").flatMap(
      (license) => xmlText(license, "name") ?? [],
    ),
    managed: parts.flatMap((part) => dependencies(xmlChild(part, "dependencyManagement"))),
    dependencies: parts.flatMap((part) => dependencies(part)),
    profiles: profiles
      .filter((profile) => !isActive(profile))
      .map((profile) => ({
        id: xmlText(profile, "id") ?? "default",
        properties: new Map(properties(profile)),
        managed: dependencies(xmlChild(profile, "dependencyManagement")),
        dependencies: dependencies(profile),
      })),
  };
}

function isActive(profile: XmlElement): boolean {
  return xmlText(xmlChild(profile, "activation"), "activeByDefault") === "true";
}

function properties(part: XmlElement): readonly (readonly [string, string])[] {
  return (xmlChild(part, "properties")?.children ?? []).map((each) => [each.name, each.text.trim()] as const);
}

/** An empty `<relativePath/>` means "not beside me", which is not the same as none. */
function relativePath(parent: XmlElement): string | undefined {
  const element = xmlChild(parent, "relativePath");
  return element === undefined ? undefined : element.text.trim();
}

function dependencies(container: XmlElement | undefined): readonly PomDependency[] {
  return xmlChildren(xmlChild(container, "dependencies"), "dependency").map((element) => ({
    ...reference(element),
    ...optional("type", xmlText(element, "type")),
    ...optional("classifier", xmlText(element, "classifier")),
    ...optional("scope", xmlText(element, "scope")),
    optional: xmlText(element, "optional") === "true",
    exclusions: xmlChildren(xmlChild(element, "exclusions"), "exclusion").map(reference),
    line: element.line,
  }));
}

function reference(element: XmlElement): PomReference {
  return {
    ...optional("group", xmlText(element, "groupId")),
    ...optional("artifact", xmlText(element, "artifactId")),
    ...optional("version", xmlText(element, "version")),
  };
}

function textsOf(element: XmlElement | undefined, name: string): readonly string[] {
  return xmlChildren(element, name).flatMap((child) => {
    const text = child.text.trim();
    return text === "" ? [] : [text];
  });
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: string }); // as: a computed name widens to string
}

const maxSteps = 32;
const maxLength = 4096;

/** Replaces `${name}` as often as needed; a name without value, or one that leads back to itself, stays as it is. */
export function interpolate(text: string, valueOf: (name: string) => string | undefined): string {
  let current = text;
  for (let step = 0; step < maxSteps && current.includes("${") && current.length <= maxLength; step++) {
    const next = current.replaceAll(/\$\{([^${}]*)\}/g, (whole, name: string) => valueOf(name.trim()) ?? whole);
    if (next === current) break;
    current = next;
  }
  return current;
}
