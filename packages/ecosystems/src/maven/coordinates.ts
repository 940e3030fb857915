import type { FoundPackage } from "@plimsoll/model";

/** What Maven calls an artifact: group, artifact, version. */
export interface Coordinates {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/** Maven packages are named `group:artifact` throughout. */
export function mavenName(group: string, artifact: string): string {
  return `${group}:${artifact}`;
}

/** Group and artifact of a package name; an artifact alone is its own group, as it was in Maven 1. */
export function splitMavenName(name: string): { readonly group: string; readonly artifact: string } {
  const cut = name.lastIndexOf(":");
  return cut === -1 ? { group: name, artifact: name } : { group: name.slice(0, cut), artifact: name.slice(cut + 1) };
}

/** A package from its coordinates. */
export function mavenPackage(
  { group, artifact, version }: Coordinates,
  rest: Partial<FoundPackage> = {},
): FoundPackage {
  return { name: mavenName(group, artifact), version, ...rest };
}

const token = /^[\w.\-+~]+$/;

/** Whether a text can be a group, artifact or version: no placeholder, no white space, no path. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && text.length <= 256 && token.test(text);
}
